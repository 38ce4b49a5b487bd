import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { describeIntent } from '../../../src/services/operator/show-payment-intent.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

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
