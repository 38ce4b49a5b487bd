/**
 * Stored times that lie ahead, as a clock leaves them that was wrong: they silence nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimKey } from '../../src/store/idempotency-keys.ts';
import { takeProviderReads } from '../../src/store/provider-reads.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const ahead = (ms: number) => new Date(clock.now().getTime() + ms);
const DAY_MS = 86_400_000;
const STEPS_MS = [3 * 60_000, 60 * 60_000, DAY_MS];

/** A code that was paid, whose attempt holds times of a clock that was ahead. */
async function paidCode(aheadMs: number) {
  const intent = await gateway.newIntent(merchant);
  const { body } = await gateway.confirm(intent);
  await gateway.database
    .db('payment_attempts')
    .where({ intent_id: intent.id })
    .update({
      checked_at: ahead(aheadMs),
      next_check_at: ahead(aheadMs),
      leased_by: 'dead',
      leased_until: ahead(aheadMs),
    });
  await gateway.sandbox.pay({ qrContent: body.qr_content });
  return intent;
}
const statusOf = async (id: string) =>
  (await gateway.database.db('payment_intents').where({ id }).first('status')).status;

describe.each(STEPS_MS)('a time %i ms ahead', (aheadMs) => {
  it('of the last read and of a lease does not keep retrieve from reading', async () => {
    const intent = await paidCode(aheadMs);
    expect((await gateway.retrieve(intent)).body.status).toBe('succeeded');
  });

  it('of the next read does not keep the poller from reading', async () => {
    const intent = await paidCode(aheadMs);
    await gateway.runPasses('check-times', 'attempts');
    expect(await statusOf(intent.id)).toBe('succeeded');
  });

  it("of the last read does not pass for a read after a webhook, nor the message's next try for a plan", async () => {
    const intent = await paidCode(aheadMs);
    const { id } = await gateway.database.db('payment_attempts').where({ intent_id: intent.id }).first('id');
    const message = {
      notification_type: 'Transaction',
      merchant_order_id: id,
      order_id: id,
      state: 'COMPLETED',
    };
    await gateway.database.db('provider_webhooks').insert({
      provider: 'PAYPAY',
      dedupe_key: id,
      type: 'Transaction',
      attempt_id: id,
      status: 'received',
      deliveries: 1,
      tries: 0,
      body: JSON.stringify(message),
      received_at: clock.now(),
      next_try_at: ahead(aheadMs * 2),
    });
    await gateway.runPasses('webhooks');
    expect(await statusOf(intent.id)).toBe('succeeded');
  });

  it('in the budget of reads does not use up the present budget', async () => {
    const { db } = gateway.database;
    await db('provider_reads').update({ second: ahead(aheadMs), taken: 1_000 });
    expect(await takeProviderReads(db, 'PAYPAY', clock.now(), 3, 10)).toBe(3);
    expect(await takeProviderReads(db, 'PAYPAY', clock.now(), 10, 10)).toBe(7);
  });

  it('of the lease of an Idempotency-Key does not keep a retry from running', async () => {
    const { db } = gateway.database;
    const id = { scope: 's', operation: 'o', key: `k${aheadMs}` };
    const claim = {
      requestHash: Buffer.alloc(32),
      holder: 'one',
      now: clock.now(),
      leasedUntil: ahead(aheadMs),
      expiresAt: ahead(2 * DAY_MS),
    };
    expect(await claimKey(db, id, claim)).toBe(true);
    expect(await claimKey(db, id, { ...claim, holder: 'two' })).toBe(true);
  });
});
