import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import {
  ENDPOINTS,
  newEndpoint,
  type SeededEvent,
  seedDelivery,
  seedEvent,
  type TestEndpoint,
} from '../../support/webhooks.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.now();
/** The period of most tests; it may cross midnight. */
const PERIOD = { from: iso(NOW_MS - 10 * HOUR_MS), to: iso(NOW_MS - 5 * HOUR_MS) };
const INSIDE = new Date(NOW_MS - 7 * HOUR_MS);

let gateway: TestGateway;
let merchant: TestMerchant;
let endpoint: TestEndpoint;

beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  merchant = await gateway.newMerchant();
  endpoint = await newEndpoint(gateway, merchant);
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const replay = (body: object, headers = {}, id = endpoint.id, as = merchant) =>
  gateway.request('POST', `${ENDPOINTS}/${id}/replay`, { as, headers, body: { ...PERIOD, ...body } });

const newEvent = (fields: object = {}) =>
  seedEvent(gateway.deps.db, { merchantId: merchant.merchantId, at: INSIDE, ...fields });

async function deliver(event: SeededEvent, status: string, endpointId = endpoint.id): Promise<void> {
  const attempts = [{ at: '2026-01-15T10:00:00Z', duration_ms: 1, status: 500 }];
  await seedDelivery(gateway.deps.db, endpointId, event, { status, attempts });
}

/** Events whose delivery to the endpoint is due now with all its tries. */
async function dueNow(): Promise<string[]> {
  const rows = await query<{ event_id: string }>(
    gateway.deps.db,
    `select event_id from webhook_deliveries
     where endpoint_id = :id and status = 'pending' and tries = 0 and next_try_at <= now() and ended_at is null
     order by position`,
    { id: endpoint.id },
  );
  return rows.map(({ event_id: id }) => id);
}

describe('POST /v1/webhook_endpoints/{id}/replay', () => {
  it('sends again what has failed in the period, and nothing else', async () => {
    const failed = [await newEvent(), await newEvent()];
    const others = [await newEvent(), await newEvent()];
    const outside = await newEvent({ at: new Date(NOW_MS - 4 * HOUR_MS) });
    const another = await newEndpoint(gateway, merchant);
    for (const event of [...failed, outside]) {
      await deliver(event, 'failed');
    }
    await deliver(failed[0] as SeededEvent, 'failed', another.id);
    await deliver(others[0] as SeededEvent, 'succeeded');
    await deliver(others[1] as SeededEvent, 'pending');
    expect((await replay({ dry_run: true })).body).toEqual({ count: 2 });
    expect(await dueNow()).toEqual([]);
    expect((await replay({})).body).toEqual({ count: 2 });
    expect(await dueNow()).toEqual(failed.map(({ id }) => id));
    expect((await replay({})).body).toEqual({ count: 0 });
  });

  it('includes the beginning of the period and excludes its end', async () => {
    const from = Math.floor((NOW_MS - 8 * HOUR_MS) / 1000) * 1000;
    const [first] = [await newEvent({ at: new Date(from) }), await newEvent({ at: new Date(from + 1000) })];
    expect((await replay({ only: 'all', from: iso(from), to: iso(from + 1000) })).body).toEqual({ count: 1 });
    expect(await dueNow()).toEqual([first?.id]);
  });

  it('sends all events of the period, whether they have a delivery or not; pending ones stay as they are', async () => {
    const fresh = await newEvent();
    const [failed, succeeded, pending] = [await newEvent(), await newEvent(), await newEvent()];
    await deliver(failed, 'failed');
    await deliver(succeeded, 'succeeded');
    await deliver(pending, 'pending');
    await newEvent({ merchantId: (await gateway.newMerchant()).merchantId });
    await newEvent({ type: 'ping' });
    expect((await replay({ only: 'all', dry_run: true })).body).toEqual({ count: 3 });
    expect((await replay({ only: 'all' })).body).toEqual({ count: 3 });
    expect(await dueNow()).toEqual([fresh.id, failed.id, succeeded.id]);
  });

  it('sends only events to which the endpoint is subscribed, and of the types that are asked for', async () => {
    endpoint = await newEndpoint(gateway, merchant, {
      event_types: ['payment_intent.succeeded', 'payment_intent.expired'],
      merchant_store_ids: [merchant.storeId],
    });
    const { storeId } = merchant;
    const succeeded = await newEvent({ storeId });
    const expired = await newEvent({ storeId, type: 'payment_intent.expired' });
    await newEvent({ storeId, type: 'payment_intent.created' });
    await newEvent();
    const types = ['payment_intent.expired', 'payment_intent.created'];
    expect((await replay({ only: 'all', dry_run: true })).body).toEqual({ count: 2 });
    expect((await replay({ only: 'all', event_types: types })).body).toEqual({ count: 1 });
    expect(await dueNow()).toEqual([expired.id]);
    await deliver(succeeded, 'failed');
    expect((await replay({ event_types: types })).body).toEqual({ count: 0 });
    expect((await replay({ event_types: ['payment_intent.succeeded'] })).body).toEqual({ count: 1 });
  });

  it('keeps the order of the endpoint for deliveries that it adds', async () => {
    endpoint = await newEndpoint(gateway, merchant, { ordering: 'per_payment_intent' });
    await newEvent();
    await replay({ only: 'all' });
    const rows = await query(
      gateway.deps.db,
      'select is_ordered from webhook_deliveries where endpoint_id = :id',
      { id: endpoint.id },
    );
    expect(rows).toEqual([{ is_ordered: true }]);
  });

  it('makes one delivery of an event when two replays run at once', async () => {
    const events = [await newEvent(), await newEvent(), await newEvent()];
    const counts = await Promise.all([replay({ only: 'all' }), replay({ only: 'all' })]);
    expect(counts.map(({ body }) => body.count).sort()).toEqual([0, 3]);
    expect(await dueNow()).toEqual(events.map(({ id }) => id));
  });

  it('leaves out failed deliveries whose event was removed', async () => {
    const event = await newEvent();
    await deliver(event, 'failed');
    await query(gateway.deps.db, 'update event_sequencer set removed_position = :position', {
      position: event.position,
    });
    expect((await replay({})).body).toEqual({ count: 0 });
    await query(gateway.deps.db, 'update event_sequencer set removed_position = 0');
  });

  it('repeated with the same key changes nothing', async () => {
    await deliver(await newEvent(), 'failed');
    const headers = { 'Idempotency-Key': `replay-${endpoint.id}` };
    expect((await replay({}, headers)).body).toEqual({ count: 1 });
    await query(
      gateway.deps.db,
      `update webhook_deliveries set status = 'failed', next_try_at = null, ended_at = now() where endpoint_id = :id`,
      { id: endpoint.id },
    );
    expect((await replay({}, headers)).body).toEqual({ count: 1 });
    expect(await dueNow()).toEqual([]);
  });

  it('refuses more than 10,000 deliveries, and says to choose a shorter period', async () => {
    const event = await newEvent();
    await query(
      gateway.deps.db,
      `insert into events (position, day, id, merchant_id, type, object_id, body)
       select event.position + n, event.day, left(event.id, 21) || lpad(n::text, 9, '0'), event.merchant_id, event.type, 'x', '{}'
       from events event, generate_series(1, 10000) n where event.id = :id`,
      { id: event.id },
    );
    await query(gateway.deps.db, 'update event_sequencer set position = position + 10000');
    const refused = await replay({ only: 'all', dry_run: true });
    expect([refused.status, refused.body.details]).toMatchObject([400, { constraint: 'max_items' }]);
    expect(refused.body.message).toContain('shorter');
    await query(gateway.deps.db, 'delete from events where id = :id', { id: event.id });
    expect((await replay({ only: 'all' })).body).toEqual({ count: 10_000 });
  });

  it('refuses a period with more than 50,000 events, whatever is wanted of them, and finds what a shorter one has', async () => {
    const own = await gateway.newMerchant();
    const wanted = { merchantId: own.merchantId, type: 'payment_intent.expired' };
    await newEvent({ ...wanted, at: new Date(NOW_MS - 9 * HOUR_MS) });
    const event = await newEvent(wanted);
    const { id } = await newEndpoint(gateway, own);
    await query(
      gateway.deps.db,
      `insert into events (position, day, id, merchant_id, type, object_id, body)
       select event.position + n, event.day, left(event.id, 21) || lpad(n::text, 9, '0'), event.merchant_id,
              'payment_intent.created', 'x', '{}'
       from events event, generate_series(1, 50000) n where event.id = :id`,
      { id: event.id },
    );
    await query(gateway.deps.db, 'update event_sequencer set position = position + 50000');
    const asked = { only: 'all', event_types: [wanted.type] };
    const refused = await replay(asked, {}, id, own);
    expect([refused.status, refused.body.details]).toMatchObject([
      400,
      { field: 'to', constraint: 'max_items' },
    ]);
    expect(refused.body.message).toContain('shorter');
    const shorter = { ...asked, to: iso(NOW_MS - 8 * HOUR_MS) };
    expect((await replay(shorter, {}, id, own)).body).toEqual({ count: 1 });
    // Another merchant, who has few events, is not limited by those.
    const few = await newEvent();
    expect((await replay({ only: 'all' })).body).toEqual({ count: 1 });
    expect(await dueNow()).toEqual([few.id]);
    await query(gateway.deps.db, 'delete from events where merchant_id = :id', { id: own.merchantId });
  }, 60_000);

  it('is refused while the endpoint is disabled, and works while it is paused', async () => {
    const set = (status: string, reason: string | null) =>
      query(
        gateway.deps.db,
        'update webhook_endpoints set status = :status, disabled_reason = :reason where id = :id',
        { id: endpoint.id, status, reason },
      );
    await set('disabled', 'operator');
    const refused = await replay({});
    expect([refused.status, refused.body.details.constraint]).toEqual([400, 'unexpected_state']);
    expect(refused.body.message).toContain('enable it first');
    await set('paused', null);
    expect((await replay({})).body).toEqual({ count: 0 });
  });

  it.each([
    [{ from: PERIOD.to, to: PERIOD.from }, 'to', 'after_from'],
    [{ from: PERIOD.to }, 'to', 'after_from'],
    [{ from: iso(NOW_MS - 32 * 24 * HOUR_MS), to: iso(NOW_MS) }, 'to', 'max_period'],
    [{ from: 'yesterday' }, 'from', 'format'],
    [{ only: 'some' }, 'only', 'enum'],
    [{ event_types: ['ping'] }, 'event_types.0', 'enum'],
    [{ event_types: [] }, 'event_types', 'min_items'],
    [{ dry_run: 'yes' }, 'dry_run', 'type'],
    [{ since: PERIOD.from }, 'since', 'unknown_property'],
  ])('refuses %j', async (body, field, constraint) => {
    const refused = await replay(body);
    expect([refused.status, refused.body.details.field, refused.body.details.constraint]).toEqual([
      400,
      field,
      constraint,
    ]);
  });

  it.each([
    ['0000-01-01T00:00:00Z', '0000-01-02T00:00:00Z'],
    ['0000-01-01T00:00:00+14:00', '0000-01-02T00:00:00Z'],
    ['1969-12-31T23:00:00Z', '1970-01-01T01:00:00Z'],
    ['9999-12-31T00:00:00Z', '9999-12-31T23:59:59-12:00'],
  ])('finds nothing from %s to %s', async (from, to) => {
    for (const only of ['failed', 'all']) {
      const { status, body } = await replay({ only, from, to });
      expect([status, body]).toEqual([200, { count: 0 }]);
    }
  });

  it('does not find an endpoint that the merchant does not have', async () => {
    expect((await replay({}, {}, endpoint.id, await gateway.newMerchant())).status).toBe(404);
    const path = `${ENDPOINTS}/${endpoint.id}/replay`;
    expect((await gateway.request('POST', path, { body: PERIOD })).status).toBe(401);
  });
});
