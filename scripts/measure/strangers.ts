/**
 * Measures how requests without a credential affect those of merchants: the delay of signed requests and of /health when
 * idle, during a flood, and while bodies of 16 MB arrive. All in one run, so that the figures are comparable.
 *
 *   npm run measure:strangers -- --seconds 60 --rate 1000
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Agent, fetch as fetchBy, request } from 'undici';
import { systemClock } from '../../src/lib/clock.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { residentBytesOf } from '../bench/measure/cpu.ts';
import { type MeasuredGateway, PATH, withGateway } from './gateway.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rate: { type: 'string', default: '1000' } },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);

/** Signed requests a second of the merchants that are measured: half creates, half lists. */
const MERCHANTS_RATE = 20;
const TICK_MS = 50;
const SIXTEEN_MB = 16 * 1024 * 1024;
// As bytes, because encoding them would hold up the requests that are measured.
const SHAPES = ['[', '{},', '"x",'].map((item) =>
  Buffer.from(`[${item.repeat(Math.floor((SIXTEEN_MB - 10) / item.length))}`),
);
const LIMITS = { RATE_LIMIT_MERCHANT_PER_MINUTE: '100000', RATE_LIMIT_GLOBAL_PER_MINUTE: '100000' };
const dispatcher = new Agent({ connections: 50, pipelining: 1 });

await withGateway({ ...LIMITS, NODE_OPTIONS: '--max-old-space-size=512' }, async (gateway) => {
  const quiet = await observe('quiet', gateway, () => Promise.resolve());
  const flooded = await observe(`${rate} strangers a second`, gateway, (until) => flood(gateway, until));
  await observe('6 bodies of 16 MB at once, once a second', gateway, (until) => sendBodies(gateway, until));
  const resident = residentBytesOf(gateway.gateway.pid) / 1024 / 1024;
  print(`p99 of merchants under the flood: ${(flooded / quiet).toFixed(2)} times that in quiet`);
  print(`resident memory of the gateway at the end: ${resident.toFixed(0)} MB`);
});
await dispatcher.close();

/** @returns the p99 of signed requests, in milliseconds */
async function observe(
  name: string,
  gateway: MeasuredGateway,
  disturb: (untilMs: number) => Promise<unknown>,
): Promise<number> {
  const untilMs = performance.now() + seconds * 1000;
  const signed: number[] = [];
  const health: number[] = [];
  const refused = new Map<number, number>();
  const sendMerchants = async (number: number) => {
    const startedAt = performance.now();
    const status = await sendSigned(gateway, number);
    signed.push(performance.now() - startedAt);
    if (status >= 400) {
      refused.set(status, (refused.get(status) ?? 0) + 1);
    }
  };
  const probe = async () => {
    const startedAt = performance.now();
    await (await fetch(`${gateway.url}/health`)).text();
    health.push(performance.now() - startedAt);
  };
  const [answers] = await Promise.all([
    disturb(untilMs),
    atRate(MERCHANTS_RATE, untilMs, (number) => sendMerchants(number)),
    atRate(5, untilMs, probe),
  ]);
  print(
    `${name}: signed p50 ${percentile(signed, 0.5)} p99 ${percentile(signed, 0.99)} ms of ${signed.length}, refused ` +
      `${JSON.stringify(Object.fromEntries(refused))}; /health max ${percentile(health, 1)} ms` +
      `${answers === undefined ? '' : `; strangers ${JSON.stringify(answers)}`}`,
  );
  return Number(percentile(signed, 0.99));
}

async function sendSigned({ url, merchants }: MeasuredGateway, number: number): Promise<number> {
  const as = merchants[number % merchants.length] ?? { apiKey: '', secretKey: '' };
  const [method, body] =
    number % 2 === 0
      ? ['GET', '']
      : [
          'POST',
          JSON.stringify({
            amount: 1,
            currency: 'JPY',
            payment_method_types: ['cash'],
            merchant_ref_id: 'r',
          }),
        ];
  const headers = {
    Authorization: authorizationHeader(as, { method, path: PATH, body }, systemClock.now()),
    'Content-Type': 'application/json',
  };
  const response = await fetch(`${url}${PATH}`, { method, headers, ...(body !== '' && { body }) });
  await response.text();
  return response.status;
}

/** Requests of strangers in turn: no credential, an unknown key, a wrong token, no such route, a webhook. */
async function flood({ url }: MeasuredGateway, untilMs: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  const unknownKey = () =>
    `HMAC-SHA256 ak_unknown:${Math.floor(systemClock.now().getTime() / 1000)}:${'0'.repeat(64)}`;
  const kinds = [
    () => request(`${url}${PATH}`, { dispatcher }),
    () => request(`${url}${PATH}`, { dispatcher, headers: { Authorization: unknownKey() } }),
    () => request(`${url}${PATH}/pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q?payment_token=x`, { dispatcher }),
    () => request(`${url}/no/such/route`, { dispatcher }),
    () => request(`${url}/v1/webhooks/paypay`, { dispatcher, method: 'POST', body: '{}' }),
  ] as const;
  await atRate(rate, untilMs, async (number) => {
    const { statusCode, body } = await (kinds[number % kinds.length] ?? kinds[0])();
    await body.dump();
    answers[statusCode] = (answers[statusCode] ?? 0) + 1;
  });
  return answers;
}

async function sendBodies({ url }: MeasuredGateway, untilMs: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  while (performance.now() < untilMs) {
    await Promise.all(
      [...SHAPES, ...SHAPES].map(async (body) => {
        const status = await fetchBy(`${url}/v1/sync/merchants`, { method: 'POST', body, dispatcher }).then(
          async (response) => {
            await response.text();
            return String(response.status);
          },
          () => 'closed',
        );
        answers[status] = (answers[status] ?? 0) + 1;
      }),
    );
    await systemClock.sleep(1_000);
  }
  return answers;
}

/** Starts `work` at this rate per second without waiting for it. Resolves when all of it has ended. */
async function atRate(
  perSecond: number,
  untilMs: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  let number = 0;
  while (performance.now() < untilMs) {
    const due = ((performance.now() - startedAt) / 1000) * perSecond;
    for (; number < due; number += 1) {
      running.push(work(number));
    }
    await systemClock.sleep(TICK_MS);
  }
  await Promise.all(running);
}

function percentile(samples: readonly number[], share: number): string {
  const sorted = [...samples].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
