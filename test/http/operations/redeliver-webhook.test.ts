import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import {
  DELIVERIES,
  newEndpoint,
  seedDelivery,
  seedEvent,
  type TestEndpoint,
} from '../../support/webhooks.ts';

const ATTEMPTS = [{ at: '2026-01-15T10:00:00Z', duration_ms: 84, status: 500 }];

let gateway: TestGateway;
let merchant: TestMerchant;
let endpoint: TestEndpoint;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
  endpoint = await newEndpoint(gateway, merchant);
});
afterAll(() => gateway.close());

const redeliver = (id: string, headers = {}, as = merchant) =>
  gateway.request('POST', `${DELIVERIES}/${id}/redeliver`, { as, headers });

async function newDelivery(status: string): Promise<string> {
  const event = await seedEvent(gateway.deps.db, merchant);
  return seedDelivery(gateway.deps.db, endpoint.id, event, { status, attempts: ATTEMPTS });
}

describe('POST /v1/webhook_deliveries/{id}/redeliver', () => {
  it.each([
    ['failed', 0],
    ['succeeded', 0],
    ['pending', 1],
  ])('makes one that is %s due now; of its tries count %i', async (status, tries) => {
    const id = await newDelivery(status);
    const { status: code, body } = await redeliver(id);
    expect([code, body.status, body.tries]).toEqual([200, 'pending', tries]);
    expect(Date.parse(body.next_try_at)).toBeLessThanOrEqual(Date.now());
    expect(body).not.toHaveProperty('ended_at');
    const shown = await gateway.request('GET', `${DELIVERIES}/${id}`, { as: merchant });
    expect(shown.body.attempts).toEqual(ATTEMPTS);
  });

  it('repeated with the same key changes nothing', async () => {
    const id = await newDelivery('failed');
    const headers = { 'Idempotency-Key': 'redeliver' };
    const first = await redeliver(id, headers);
    await query(
      gateway.deps.db,
      `update webhook_deliveries set status = 'succeeded', next_try_at = null, ended_at = now() where id = :id`,
      { id },
    );
    expect((await redeliver(id, headers)).body).toEqual(first.body);
    const shown = await gateway.request('GET', `${DELIVERIES}/${id}`, { as: merchant });
    expect(shown.body.status).toBe('succeeded');
  });

  it('is refused while the endpoint is disabled, and says to enable it', async () => {
    const id = await newDelivery('failed');
    const set = (status: string, reason: string | null) =>
      query(
        gateway.deps.db,
        'update webhook_endpoints set status = :status, disabled_reason = :reason where id = :id',
        { id: endpoint.id, status, reason },
      );
    await set('disabled', 'gone');
    const refused = await redeliver(id);
    expect([refused.status, refused.body.details.constraint]).toEqual([400, 'unexpected_state']);
    expect(refused.body.message).toContain('enable it first');
    await set('enabled', null);
    expect((await redeliver(id)).status).toBe(200);
  });

  it('says that the event was removed when it is too old', async () => {
    const id = await newDelivery('failed');
    const set = (removed: string) =>
      query(gateway.deps.db, `update event_sequencer set removed_position = ${removed}`);
    await set(`(select position from webhook_deliveries where id = '${id}')`);
    const refused = await redeliver(id);
    expect([refused.status, refused.body.message]).toEqual([
      404,
      'The event of this delivery was removed after 30 days',
    ]);
    await set('0');
  });

  it('does not find a delivery that the merchant does not have', async () => {
    const id = await newDelivery('failed');
    expect((await redeliver(id, {}, await gateway.newMerchant())).status).toBe(404);
    expect((await redeliver('x')).status).toBe(404);
    expect((await gateway.request('POST', `${DELIVERIES}/${id}/redeliver`)).status).toBe(401);
  });
});
