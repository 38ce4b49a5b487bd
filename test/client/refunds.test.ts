/**
 * The client's methods for refunds, against the real gateway and its simulated PayPay.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClientOptions,
  createClient,
  type PgwClient,
  PgwRefundWaitError,
  type Refund,
} from '../../src/client/index.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { newCashIntent, newPaidIntent } from '../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
let pgw: PgwClient;

beforeAll(async () => {
  gateway = await startTestGateway({ sandbox: { webhookMode: 'manual', refundDelaySeconds: 0 } });
  gateway.sandbox.behaviour.allowMultipleRefunds = true;
  merchant = await gateway.newMerchant();
  pgw = createClient({ baseUrl: gateway.url, credentials: merchant });
});
afterAll(() => gateway.close());

/** Runs the worker until the refund has ended. */
const carryOut = (id: string) =>
  expect
    .poll(
      async () => {
        await gateway.runPasses('refunds');
        return (await pgw.retrieveRefund(id)).status;
      },
      { timeout: 60_000 },
    )
    .not.toBe('pending');

/** A client whose time passes only while it sleeps; `sleeping` is called before each sleep. */
function clientOfItsOwnTime(
  sleeping: (slept: readonly number[]) => void | Promise<void> = () => undefined,
  options: Partial<ClientOptions> = {},
) {
  const slept: number[] = [];
  const startedAt = Date.now();
  let passedMs = 0;
  const client = createClient({
    baseUrl: gateway.url,
    credentials: merchant,
    random: () => 0.5,
    clock: {
      now: () => new Date(startedAt + passedMs),
      monotonicMs: () => passedMs,
      async sleep(durationMs) {
        await sleeping(slept);
        slept.push(durationMs);
        passedMs += durationMs;
      },
    },
    ...options,
  });
  return { client, slept };
}

describe('a refund with the client', () => {
  it('is created as pending, waited for until it succeeds, and counted in the PaymentIntent', async () => {
    const { id } = await newPaidIntent(gateway, merchant);
    const created = await pgw.createRefund({
      payment_intent_id: id,
      amount: 400,
      reason: 'requested_by_customer',
    });
    expect(created).toMatchObject({ status: 'pending', pending_reason: 'provider_processing', amount: 400 });
    const { client } = clientOfItsOwnTime(() => carryOut(created.id));
    expect(await client.waitForRefund(created.id)).toMatchObject({ id: created.id, status: 'succeeded' });
    expect(await pgw.retrieveRefund(created.id)).toMatchObject({ status: 'succeeded' });
    expect(await pgw.retrievePaymentIntent(id)).toMatchObject({
      amount_refunded: 400,
      amount_refundable: 600,
    });
  });

  it('returns at once what has ended already', async () => {
    const { id } = await newCashIntent(gateway, merchant);
    const refund = await pgw.createRefund({ payment_intent_id: id, merchant_staff_id: 'staff_017' });
    const { client, slept } = clientOfItsOwnTime();
    expect(await client.waitForRefund(refund.id)).toMatchObject({ status: 'succeeded', method: 'cash' });
    expect(slept).toEqual([]);
  });

  it('that does not exist is not waited for', async () => {
    const { client, slept } = clientOfItsOwnTime();
    await expect(client.waitForRefund('re_none')).rejects.toMatchObject({ status: 404 });
    expect(slept).toEqual([]);
  });

  it('is made once when the response to its creation is lost', async () => {
    const { id } = await newPaidIntent(gateway, merchant);
    const keys: (string | null)[] = [];
    const { client } = clientOfItsOwnTime(undefined, {
      async fetch(request) {
        keys.push(request.headers.get('Idempotency-Key'));
        const response = await fetch(request);
        if (keys.length === 1) {
          throw new TypeError('the connection was cut');
        }
        return response;
      },
    });
    const refund = await client.createRefund({ payment_intent_id: id, amount: 300 });
    expect(keys).toHaveLength(2);
    expect(keys[0]).toEqual(expect.any(String));
    expect(new Set(keys).size).toBe(1);
    expect((await pgw.listRefunds({ payment_intent_id: id })).map((one) => one.id)).toEqual([refund.id]);
  });

  it('under a key of its own is the same refund again', async () => {
    const { id } = await newPaidIntent(gateway, merchant);
    const create = () =>
      pgw.createRefund({ payment_intent_id: id, amount: 100 }, { idempotencyKey: `return_${id}` });
    expect((await create()).id).toBe((await create()).id);
  });

  it('that asks for too much is refused with what can be refunded', async () => {
    const { id } = await newPaidIntent(gateway, merchant);
    await expect(pgw.createRefund({ payment_intent_id: id, amount: 1_001 })).rejects.toMatchObject({
      status: 400,
      details: { constraint: 'max_value', amount_refundable: 1_000 },
    });
  });

  it('is listed by page and, over several pages, by generator', async () => {
    const { id } = await newPaidIntent(gateway, merchant);
    const made: string[] = [];
    for (let part = 1; part <= 5; part += 1) {
      made.unshift((await pgw.createRefund({ payment_intent_id: id, amount: part })).id);
    }
    const page = await pgw.listRefunds({ payment_intent_id: id, limit: 2 });
    expect(page.map((one) => one.id)).toEqual(made.slice(0, 2));
    const all: Refund[] = [];
    for await (const refund of pgw.eachRefund({ payment_intent_id: id, limit: 2 })) {
      all.push(refund);
    }
    expect(all.map((one) => one.id)).toEqual(made);
  });
});

describe('a refund that stays pending', () => {
  let id: string;
  beforeAll(async () => {
    const intent = await newPaidIntent(gateway, merchant);
    id = (await pgw.createRefund({ payment_intent_id: intent.id })).id;
  });

  it('is waited for during a minute by default, with pauses that grow, and is then thrown as it is', async () => {
    const { client, slept } = clientOfItsOwnTime();
    const error = await client.waitForRefund(id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PgwRefundWaitError);
    expect(error).toMatchObject({ refund: { id, status: 'pending', pending_reason: 'provider_processing' } });
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
    expect(slept.slice(0, 3)).toEqual([1_000, 1_000, 1_000]);
    expect(slept.at(-2)).toBeGreaterThan(4_000);
  });

  it('is polled four times a minute in a long wait, and no longer than asked for', async () => {
    const { client, slept } = clientOfItsOwnTime();
    await expect(client.waitForRefund(id, { timeoutMs: 3_600_000 })).rejects.toBeInstanceOf(
      PgwRefundWaitError,
    );
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(3_600_000);
    expect(slept.length).toBeLessThan(300);
    expect(Math.max(...slept)).toBe(15_000);
  });

  it("ends the wait with the caller's signal", async () => {
    const ending = new AbortController();
    const { client } = clientOfItsOwnTime(() => ending.abort(new Error('the shop closed')));
    await expect(client.waitForRefund(id, { signal: ending.signal })).rejects.toThrow('the shop closed');
  });
});
