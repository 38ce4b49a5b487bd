/**
 * Measures the cost of open event streams on one node: memory per stream, CPU while idle, and the delay from the
 * payer's payment to the event at the client. Gateway, PayPay simulator and PostgreSQL run in separate processes.
 *
 *   npm run measure:events -- --streams 2000 --idle-seconds 60 --payments 200
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/lib/clock.ts';
import { cpuSecondsOf, residentBytesOf } from '../bench/measure/cpu.ts';
import type { Program } from '../bench/programs/program.ts';
import { answerOf, inParallel, type MeasuredGateway, PATH, withGateway } from './gateway.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '2000' },
    'idle-seconds': { type: 'string', default: '60' },
    payments: { type: 'string', default: '200' },
  },
});
const streamCount = Number(values.streams);
const idleSeconds = Number(values['idle-seconds']);
const paymentCount = Number(values.payments);

/** Payers may have this many streams of one merchant on one node. */
const STREAMS_PER_MERCHANT = 400;

interface Intent {
  readonly id: string;
  readonly token: string;
}

interface Stream {
  readonly intent: Intent;
  readonly response: IncomingMessage;
  /** When an event with this status arrived, by performance.now(). */
  readonly seenAt: Map<string, number>;
}

await withGateway({}, measure);

async function measure({ url, sandboxUrl, gateway, createIntent }: MeasuredGateway): Promise<void> {
  const intents = await inParallel(Array.from({ length: streamCount }), (_, index) =>
    createIntent(Math.floor(index / STREAMS_PER_MERCHANT)),
  );
  const idleBefore = await idleCpu(gateway);
  const before = residentBytesOf(gateway.pid);
  const streams = await inParallel(intents, (intent) => openStream(url, intent));
  const after = residentBytesOf(gateway.pid);
  print(`${streams.length} streams open; resident memory ${mb(before)} before, ${mb(after)} after`);
  print(`${((after - before) / 1024 / streams.length).toFixed(1)} kB per stream`);
  const idleAfter = await idleCpu(gateway);
  const memory = mb(residentBytesOf(gateway.pid));
  print(`idle CPU per minute: ${idleBefore} s without streams, ${idleAfter} s with; memory ${memory}`);
  const delays: number[] = [];
  for (const stream of streams.slice(0, paymentCount)) {
    delays.push(await payAndWait(url, sandboxUrl, stream));
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => (delays[Math.floor((delays.length - 1) * share)] ?? 0).toFixed(0);
  print(
    `${delays.length} sequential payments, payment to event: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`,
  );
  for (const { response } of streams) {
    response.destroy();
  }
}

/** CPU seconds per minute while idle. */
async function idleCpu(gateway: Program): Promise<string> {
  const before = cpuSecondsOf(gateway.pid);
  await systemClock.sleep(idleSeconds * 1000);
  return (((cpuSecondsOf(gateway.pid) - before) / idleSeconds) * 60).toFixed(2);
}

/** Opens a stream and resolves when its first event has arrived. */
async function openStream(url: string, intent: Intent): Promise<Stream> {
  const request = get(`${url}${PATH}/${intent.id}/events?payment_token=${intent.token}`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) {
    throw new Error(`a stream answered ${response.statusCode}`);
  }
  const seenAt = new Map<string, number>();
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    for (const [, status = ''] of String(chunk).matchAll(/"status":"(\w+)"/g)) {
      seenAt.set(status, performance.now());
    }
  });
  while (seenAt.size === 0) {
    await once(response, 'data');
  }
  return { intent, response, seenAt };
}

/** Pays and returns the delay until the event arrives, in milliseconds. */
async function payAndWait(
  url: string,
  sandboxUrl: string,
  { intent, response, seenAt }: Stream,
): Promise<number> {
  const post = async (target: string, body: unknown) =>
    answerOf(
      await fetch(target, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const confirmation = { payment_token: intent.token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' };
  const { qr_content } = await post(`${url}${PATH}/${intent.id}/confirm`, confirmation);
  const paidAt = performance.now();
  await post(`${sandboxUrl}/_control/pay`, { qr_content });
  while (!seenAt.has('succeeded')) {
    await once(response, 'data');
  }
  return (seenAt.get('succeeded') ?? 0) - paidAt;
}

function mb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
