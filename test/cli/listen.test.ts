/**
 * `pgw listen`: a gateway's feed, delivered to a receiver on this machine that fails, hangs up and comes back.
 */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Forwarding, forwardEvents } from '../../src/cli/commands/forward-events.ts';
import { createClient, type PgwClient, PgwError, verifyWebhook } from '../../src/client/index.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { newSigningKey } from '../../src/lib/webhooks/keys.ts';
import { type Runner, startWorkers } from '../../src/workers/runner.ts';
import { createWorkers } from '../../src/workers/workers.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram, waitFor } from '../support/program.ts';

let gateway: TestGateway;
let runner: Runner;
beforeAll(async () => {
  gateway = await startTestGateway();
  runner = startWorkers(createWorkers(gateway.deps), gateway.deps);
});
afterAll(async () => {
  await runner.stop();
  await gateway.close();
});

const secret = newSigningKey('hmac');

/** What the receiver has accepted: the type, and the merchant's reference. */
let accepted: string[];
/** How the receiver responds to the next requests; 204 when empty. */
let replies: ((response: ServerResponse) => void)[];
let receiver: Server;
let receiverUrl: string;
let merchant: TestMerchant;
let pgw: PgwClient;
beforeEach(async () => {
  accepted = [];
  replies = [];
  receiver = createServer(async (request, response) => {
    const body = await buffer(request);
    const reply = replies.shift();
    if (reply) {
      return reply(response);
    }
    const event = await verifyWebhook(body, request.headers, secret);
    accepted.push(`${event.type} ${event.data.payment_intent?.merchant_ref_id}`);
    response.writeHead(204).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`;
  merchant = await gateway.newMerchant();
  pgw = createClient({ baseUrl: gateway.url, credentials: merchant });
});
afterEach(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const create = (order: string) =>
  pgw.createPaymentIntent({
    amount: 1000,
    currency: 'JPY',
    payment_method_types: ['qr_mpm'],
    merchant_ref_id: order,
  });

/** Waits at once, and notes for how long. */
function hastyClock(slept: number[]): Clock {
  return {
    ...systemClock,
    async sleep(durationMs) {
      slept.push(durationMs);
    },
  };
}

interface Listening {
  readonly lines: string[];
  readonly slept: number[];
  stop(): Promise<string | undefined>;
}

function startListening(change: Partial<Forwarding> = {}): Listening {
  const lines: string[] = [];
  const slept: number[] = [];
  const stopped = new AbortController();
  const ended = forwardEvents({
    client: { baseUrl: gateway.url, credentials: merchant },
    forwardTo: receiverUrl,
    secret,
    types: undefined,
    after: 'oldest',
    signal: stopped.signal,
    clock: hastyClock(slept),
    print: (line) => lines.push(line),
    ...change,
  });
  return {
    lines,
    slept,
    stop() {
      stopped.abort();
      return ended;
    },
  };
}

const refuse = (status: number) => (response: ServerResponse) => response.writeHead(status).end();
const hangUp = (response: ServerResponse) => response.destroy();
const SLOW = { timeout: 60_000, interval: 20 };

describe('pgw listen', () => {
  it('delivers every event signed, in order, and prints a line for each', async () => {
    const first = await create('order_1');
    await create('order_2');
    await pgw.cancelPaymentIntent(first.id);
    const listening = startListening();
    await expect.poll(() => accepted, SLOW).toHaveLength(3);
    await listening.stop();
    expect(accepted).toEqual([
      'payment_intent.created order_1',
      'payment_intent.created order_2',
      'payment_intent.cancelled order_1',
    ]);
    expect(listening.lines).toHaveLength(3);
    expect(listening.lines[0]).toMatch(/^20\S+Z {2}payment_intent\.created {2}evt_\w+ {2}204 \(\d+ ms\)$/);
  });

  it('repeats an event until it is accepted, and only then sends the next', async () => {
    replies = [refuse(500), refuse(302), refuse(410), hangUp];
    await create('order_1');
    await create('order_2');
    const listening = startListening();
    await expect.poll(() => accepted, SLOW).toHaveLength(2);
    await listening.stop();
    expect(accepted).toEqual(['payment_intent.created order_1', 'payment_intent.created order_2']);
    expect(listening.lines.map((line) => line.split('  ').at(-1))).toEqual([
      '500, again in 1 s',
      '302, again in 2 s',
      '410, again in 4 s',
      expect.stringMatching(/^\w+.*, again in 8 s$/),
      expect.stringMatching(/^204 /),
      expect.stringMatching(/^204 /),
    ]);
    expect(listening.slept.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('sends only the types asked for, and only what happens from now on unless given a cursor', async () => {
    const early = await create('order_1');
    await expect.poll(async () => (await pgw.listEvents({ after: 'oldest' })).data, SLOW).toHaveLength(1);
    const listening = startListening({ after: undefined, types: ['payment_intent.cancelled'] });
    await expect
      .poll(() => listening.lines, SLOW)
      .toEqual([expect.stringMatching(/^Waiting for events after /)]);
    await create('order_2');
    await pgw.cancelPaymentIntent(early.id);
    await expect.poll(() => accepted, SLOW).toEqual(['payment_intent.cancelled order_1']);
    await listening.stop();
    expect(accepted).toEqual(['payment_intent.cancelled order_1']);
  });

  it('ends with the cursor from which another run continues without a gap', async () => {
    await create('order_1');
    const first = startListening();
    await expect.poll(() => accepted, SLOW).toHaveLength(1);
    await expect.poll(() => first.lines, SLOW).toHaveLength(1);
    const cursor = await first.stop();
    await create('order_2');
    const second = startListening({ after: cursor });
    await expect.poll(() => accepted, SLOW).toContain('payment_intent.created order_2');
    await second.stop();
  });

  it('keeps the event that was being refused when it was stopped', async () => {
    replies = [refuse(500)];
    await create('order_1');
    const first = startListening({
      clock: { ...systemClock, sleep: (_, signal) => systemClock.sleep(60_000, signal) },
    });
    await expect.poll(() => first.lines, SLOW).toHaveLength(1);
    const cursor = await first.stop();
    const second = startListening({ after: cursor });
    await expect.poll(() => accepted, SLOW).toEqual(['payment_intent.created order_1']);
    await second.stop();
  });

  it('ends with the error of the gateway when the key is refused', async () => {
    const credentials = { apiKey: merchant.apiKey, secretKey: 'sk_wrong' };
    await expect(
      forwardEvents({
        client: { baseUrl: gateway.url, credentials },
        forwardTo: receiverUrl,
        secret,
        types: undefined,
        after: 'oldest',
        signal: new AbortController().signal,
        clock: systemClock,
        print: () => undefined,
      }),
    ).rejects.toThrow(PgwError);
  });
});

describe('the program `pgw listen`', () => {
  it('prints its secret, forwards, and on Ctrl-C ends with 0 and the cursor', async () => {
    await create('order_1');
    const program = startProgram(
      ['listen', '--forward-to', receiverUrl, '--after', 'oldest', '--secret', secret, '--url', gateway.url],
      { PGW_API_KEY: merchant.apiKey, PGW_SECRET_KEY: merchant.secretKey },
    );
    await waitFor(program, () => program.output().includes(' 204 '));
    expect(await program.stop('SIGINT')).toBe(0);
    expect(program.output()).toContain(secret);
    expect(program.output()).toMatch(/To continue: --after \S+/);
    expect(accepted).toEqual(['payment_intent.created order_1']);
  });

  it.each([
    [['--forward-to', 'localhost:3000'], /--forward-to takes a URL/],
    [['--forward-to', 'http://user:pass@localhost'], /--forward-to takes a URL/],
    [['--forward-to', 'http://localhost', '--secret', 'whsec_c2hvcnQ='], /--secret takes whsec_/],
    [['--forward-to', 'http://localhost'], /set PGW_API_KEY/],
  ])('refuses %j in one line', async (args, message) => {
    const program = startProgram(['listen', ...args]);
    expect(await program.ended).toBe(1);
    expect(program.output().trim()).toMatch(message);
    expect(program.output().trim().split('\n')).toHaveLength(1);
  });
});
