import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { describeIntent } from '../../../src/services/operator/show-payment-intent.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';

let gateway: TestGateway;
let intent: { id: string; token: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  intent = await gateway.newIntent(await gateway.newMerchant());
  await gateway.confirm(intent);
});
afterAll(() => gateway.close());

describe('pgw intents show', () => {
  it('shows the intent with its attempts and events, as JSON and as text', async () => {
    const { json, text } = await describeIntent(gateway.database.db, intent.id);
    expect(json).toMatchObject({
      intent: { id: intent.id, status: 'requires_action' },
      attempts: [{ status: 'live', provider: 'PAYPAY' }],
      refunds: [],
      events: [{ type: 'created' }, {}, {}],
    });
    expect(text).toMatch(new RegExp(`^${intent.id}  requires_action  \\d+ JPY`));
    expect(text).toContain('  created  by ');
  });

  it('shows each refund with who made it, how, and why it is pending or failed, and its events', async () => {
    const merchant = await gateway.newMerchant();
    const paid = await newPaidIntent(gateway, merchant);
    const till = await newKeyWith(gateway, merchant, ['refunds', 'refunds:cash']);
    await requestRefund(gateway, till, paid, {
      amount: 100,
      method: 'cash',
      merchant_staff_id: 'staff_7',
      merchant_terminal_id: 'till_2',
    });
    gateway.sandbox.faults.add({
      operation: 'refund',
      kind: 'refuse',
      result: 'CANCELED_USER',
      times: 1,
    });
    await requestRefund(gateway, till, paid, { amount: 200 });
    await gateway.runPasses('refunds');
    gateway.sandbox.faults.add({ operation: 'any', kind: 'maintenance', times: 1 });
    await requestRefund(gateway, till, paid, { amount: 300, reason: 'requested_by_customer' });
    await gateway.runPasses('refunds');
    const { json, text } = await describeIntent(gateway.database.db, paid.id);
    expect(text).toMatch(/\nthe provider's payment number is \d+\n/);
    expect(text).toMatch(/ {2}succeeded {2}100 JPY {2}by merchant {2}cash {2}staff staff_7 {2}till till_2\n/);
    expect(text).toMatch(
      / {2}failed {2}200 JPY {2}by merchant {2}provider {2}payer_account_closed: .+ {2}tries 1\n/,
    );
    expect(text).toMatch(
      / {2}pending {2}300 JPY {2}by merchant {2}provider {2}requested_by_customer {2}provider_unavailable \(\w+\) {2}tries 1 {2}next 20/,
    );
    expect(text).toMatch(/ {2}refund_created {2}by \S+ {2}\S+ {2}\{.*"amount": ?300/);
    expect(text).toMatch(/ {2}refund_failed {2}by refunds {2}.*"code": ?"payer_account_closed"/);
    expect(json).toMatchObject({ refunds: [{ merchantStaffId: 'staff_7' }, { tries: 1 }, { tries: 1 }] });
  });

  it('does not wait for a payment that is locked', async () => {
    const { db } = gateway.database;
    await db.transaction(async (holder) => {
      await holder.raw('select 1 from payment_intents where id = ? for update', [intent.id]);
      expect((await describeIntent(db, intent.id)).text).toContain(intent.id);
    });
  });

  it.each([newId('pi', new Date()), 'nonsense', 'pi_\0'])('returns not_found for %j', async (id) => {
    await expect(describeIntent(gateway.database.db, id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
