/**
 * The webhooks that the sandbox sends to the gateway, their retries, and delivery faults. Time is a manual clock: the
 * test decides when a timeout expires.
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/core/options.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { API_KEY, API_SECRET, call, createCode, makeCodeBody } from '../support/paypay-client.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly json: Record<string, unknown>;
}

let clock: ManualClock;
let sandbox: Sandbox;
let receiver: Server;
let received: Received[];
/** How the receiver responds to the next posts; after these it returns 200. */
let script: ((response: ServerResponse) => void)[];

const answer = (status: number) => (response: ServerResponse) => {
  response.writeHead(status).end('OK');
};
const staySilent = () => {};

beforeEach(async () => {
  received = [];
  script = [];
  clock = createManualClock('2026-01-01T12:34:56+09:00');
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    received.push({ headers: request.headers, body, json: JSON.parse(body) });
    (script.shift() ?? answer(200))(response);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  receiver.close();
});

async function start(options: Partial<SandboxOptions> = {}): Promise<void> {
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const credentials = [{ apiKey: API_KEY, apiSecret: API_SECRET }];
  sandbox = await startSandbox({ credentials, clock, webhookUrl, seed: 1, ...options });
}

async function create(id: string, more: object = {}): Promise<void> {
  const epochSeconds = clock.now().getTime() / 1000;
  const reply = await call(
    sandbox.url,
    'POST',
    '/v2/codes',
    { ...makeCodeBody(id), ...more },
    { epochSeconds },
  );
  expect(reply.status).toBe(201);
}

async function payNew(id: string, more?: object): Promise<string> {
  await create(id, more);
  const result = await sandbox.pay({ merchantPaymentId: id });
  return result.isAccepted ? (result.payment.paymentId ?? '') : '';
}

const receivedIds = (): unknown[] => received.map((one) => one.json['merchant_order_id']);

describe('the Transaction webhook', () => {
  test('announces COMPLETED as in production: strings, +09:00, empty store and till', async () => {
    await start();
    const paymentId = await payNew('inv-1');
    await sandbox.idle();
    expect(received.map((one) => one.json)).toEqual([
      {
        notification_type: 'Transaction',
        merchant_id: '600000000000000001',
        store_id: '',
        pos_id: '',
        order_id: paymentId,
        merchant_order_id: 'inv-1',
        order_amount: '1200',
        paid_at: '2026-01-01T12:34:56+09:00',
        state: 'COMPLETED',
      },
    ]);
    expect(received[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(received[0]?.headers).not.toHaveProperty('x-paypay-signature');
  });

  test('contains store and till, and a signature when a secret is set', async () => {
    await start({ webhookSecret: 'shh' });
    await payNew('inv-1', { storeId: 'shibuya', terminalId: 'till-2' });
    await sandbox.idle();
    expect(received[0]?.json).toMatchObject({ store_id: 'shibuya', pos_id: 'till-2' });
    const signature = createHmac('sha256', 'shh')
      .update(received[0]?.body ?? '')
      .digest('hex');
    expect(received[0]?.headers['x-paypay-signature']).toBe(signature);
  });

  test('announces FAILED, unless switched off', async () => {
    await start();
    await create('inv-1');
    await sandbox.decline({ merchantPaymentId: 'inv-1' });
    await sandbox.idle();
    expect(received[0]?.json).toMatchObject({
      state: 'FAILED',
      order_id: expect.stringMatching(/^04\d{18}$/),
    });
    expect(received[0]?.json).not.toHaveProperty('paid_at');
    sandbox.behaviour.notifyFailed = false;
    await create('inv-2');
    await sandbox.decline({ merchantPaymentId: 'inv-2' });
    await sandbox.idle();
    expect(received).toHaveLength(1);
  });

  test('is not sent for creation, cancel, refund or a refused payment', async () => {
    await start({ webhookMode: 'manual' });
    await create('inv-1');
    const epochSeconds = clock.now().getTime() / 1000;
    await call(sandbox.url, 'DELETE', '/v2/payments/inv-1', undefined, { epochSeconds });
    expect(sandbox.webhooks.list()).toEqual([]);
    // Paid after the cancel: COMPLETED is announced; FAILED, which follows immediately, is not.
    await sandbox.pay({ merchantPaymentId: 'inv-1' });
    await sandbox.pay({ merchantPaymentId: 'inv-1' });
    expect(sandbox.webhooks.list().map((one) => JSON.parse(one.body).state)).toEqual(['COMPLETED']);
    expect(sandbox.ledger()).toMatchObject([{ status: 'FAILED' }]);
  });

  test('is dropped while no address is set, and sent to the address that is set later', async () => {
    await start();
    const { url } = sandbox.webhooks;
    sandbox.webhooks.url = undefined;
    await payNew('inv-1');
    await sandbox.idle();
    sandbox.webhooks.url = url;
    await payNew('inv-2');
    await sandbox.idle();
    expect(receivedIds()).toEqual(['inv-2']);
    expect(sandbox.webhooks.list().map((one) => one.status)).toEqual(['dropped', 'delivered']);
  });
});

describe('retries', () => {
  test.each([
    ['short', 3, 100],
    ['long', 10, 500],
  ] as const)(
    'profile %s: %i retries, %i ms apart, before giving up',
    async (webhookProfile, retries, intervalMs) => {
      await start({ webhookProfile });
      script = Array.from({ length: retries + 1 }, () => answer(503));
      await payNew('inv-1');
      for (let retry = 1; retry <= retries; retry += 1) {
        await clock.someoneSleeps(intervalMs);
        expect(received).toHaveLength(retry);
        clock.advance(intervalMs);
      }
      await sandbox.idle();
      expect(received).toHaveLength(retries + 1);
      expect(sandbox.webhooks.list()[0]).toMatchObject({ status: 'gave_up' });
      expect(new Set(received.map((one) => one.body)).size).toBe(1);
    },
  );

  test.each([
    ['short', 2_000],
    ['long', 1_500],
  ] as const)('profile %s: retries after no response for %i ms', async (webhookProfile, timeoutMs) => {
    await start({ webhookProfile });
    script = [staySilent];
    await payNew('inv-1');
    await eventually(() => expect(received).toHaveLength(1));
    await clock.someoneSleeps(timeoutMs);
    clock.advance(timeoutMs - 1);
    expect(sandbox.webhooks.list()[0]?.attempts).toEqual([]);
    clock.advance(1);
    await eventually(() =>
      expect(sandbox.webhooks.list()[0]?.attempts).toMatchObject([{ outcome: 'timed_out' }]),
    );
    clock.advance(500);
    await sandbox.idle();
    expect(received).toHaveLength(2);
    expect(sandbox.webhooks.list()[0]?.status).toBe('delivered');
  });

  test('only 200 counts as delivered', async () => {
    await start();
    script = [answer(204), answer(302), answer(200)];
    await payNew('inv-1');
    await clock.someoneSleeps(100);
    clock.advance(100);
    await eventually(() => expect(received).toHaveLength(2));
    await clock.someoneSleeps(100);
    clock.advance(100);
    await sandbox.idle();
    const statuses = sandbox.webhooks.list()[0]?.attempts.map((one) => one.httpStatus);
    expect(statuses).toEqual([204, 302, 200]);
  });

  test('a receiver that refuses connections is unreachable', async () => {
    await start();
    sandbox.webhooks.url = 'http://127.0.0.1:1/';
    await payNew('inv-1');
    await clock.someoneSleeps(100);
    expect(sandbox.webhooks.list()[0]?.attempts).toMatchObject([{ outcome: 'unreachable' }]);
  });

  test('close aborts a delivery in progress', async () => {
    await start();
    script = [staySilent];
    await payNew('inv-1');
    await eventually(() => expect(received).toHaveLength(1));
    await sandbox.close();
    await sandbox.idle();
    expect(received).toHaveLength(1);
  });
});

describe('delivery faults', () => {
  test('drop: nothing is sent', async () => {
    await start();
    sandbox.webhooks.deliveryFaults.add({ kind: 'drop' });
    await payNew('inv-1');
    await payNew('inv-2');
    await sandbox.idle();
    expect(receivedIds()).toEqual(['inv-2']);
  });

  test('duplicate: the same bytes twice', async () => {
    await start();
    sandbox.webhooks.deliveryFaults.add({ kind: 'duplicate' });
    await payNew('inv-1');
    await sandbox.idle();
    expect(receivedIds()).toEqual(['inv-1', 'inv-1']);
    expect(received[0]?.body).toBe(received[1]?.body);
  });

  test('delay: sent after the delay', async () => {
    await start();
    sandbox.webhooks.deliveryFaults.add({ kind: 'delay', delayMs: 60_000 });
    await payNew('inv-1');
    await clock.someoneSleeps(60_000);
    expect(received).toEqual([]);
    clock.advance(60_000);
    await sandbox.idle();
    expect(receivedIds()).toEqual(['inv-1']);
  });

  test('reorder: sent after the next webhook', async () => {
    await start();
    sandbox.webhooks.deliveryFaults.add({ kind: 'reorder' });
    await payNew('inv-1');
    await sandbox.idle();
    expect(received).toEqual([]);
    await payNew('inv-2');
    await sandbox.idle();
    expect(receivedIds()).toEqual(['inv-2', 'inv-1']);
  });

  test('forge: any payload, signed only on request', async () => {
    await start({ webhookSecret: 'shh' });
    const forged = await sandbox.webhooks.forge({ state: 'COMPLETED', merchant_order_id: 'inv-9' });
    await sandbox.webhooks.forge({ state: 'COMPLETED' }, { isSigned: true });
    expect(forged.attempts).toMatchObject([{ outcome: 'delivered', httpStatus: 200 }]);
    expect(received.map((one) => 'x-paypay-signature' in one.headers)).toEqual([false, true]);
  });
});

describe('manual mode', () => {
  beforeEach(() => start({ webhookMode: 'manual' }));

  test('queues webhooks until they are delivered, in any order', async () => {
    await payNew('inv-1');
    await payNew('inv-2');
    await sandbox.idle();
    expect(received).toEqual([]);
    const [first, second] = sandbox.webhooks.pending();
    await sandbox.webhooks.deliver(second?.id ?? '');
    await sandbox.webhooks.deliver(first?.id ?? '');
    expect(receivedIds()).toEqual(['inv-2', 'inv-1']);
    expect(sandbox.webhooks.pending()).toEqual([]);
  });

  test('drops and duplicates single webhooks', async () => {
    await payNew('inv-1');
    const [one] = sandbox.webhooks.pending();
    const copy = sandbox.webhooks.duplicate(one?.id ?? '');
    expect(sandbox.webhooks.drop(one?.id ?? '')).toMatchObject({ status: 'dropped' });
    expect(sandbox.webhooks.pending()).toEqual([copy]);
    await sandbox.webhooks.deliver(copy.id);
    expect(receivedIds()).toEqual(['inv-1']);
  });

  test('does not retry a failed delivery', async () => {
    script = [answer(500)];
    await payNew('inv-1');
    const [one] = sandbox.webhooks.pending();
    expect(await sandbox.webhooks.deliver(one?.id ?? '')).toMatchObject({ status: 'gave_up' });
    expect(await sandbox.webhooks.deliver(one?.id ?? '')).toMatchObject({ status: 'delivered' });
    await expect(sandbox.webhooks.deliver('wh_99')).rejects.toThrow('There is no webhook wh_99');
  });
});

test('moving the clock of the sandbox sends a delayed webhook', async () => {
  await start();
  sandbox.webhooks.deliveryFaults.add({ kind: 'delay', delayMs: 60_000 });
  await payNew('inv-1');
  await clock.someoneSleeps(60_000);
  sandbox.clock.advance(60_000);
  await sandbox.idle();
  expect(receivedIds()).toEqual(['inv-1']);
  expect((await createCodeNow('inv-2')).codeId).toMatch(/^04-/);
});

function createCodeNow(id: string): ReturnType<typeof createCode> {
  // Signatures are checked against the injected clock, not against the moved one.
  return createCode(sandbox.url, id, 1200, clock.now().getTime() / 1000);
}
