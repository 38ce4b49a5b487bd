import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationHeader } from '../../../src/lib/signing.ts';
import { updateApiKey } from '../../../src/services/operator/api-keys.ts';
import { revokeApiKey } from '../../../src/store/api-keys.ts';
import { BY_TEST } from '../../support/acts.ts';
import { createTestClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { sequenceUntil } from '../../support/feed.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { addStores, newLimitedKey } from '../../support/keys.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ followerLimits: { perMerchant: 2, perNode: 2_000 } });
});

afterAll(() => gateway.close());

const CASH = { payment_method_types: ['cash'] };

function list(merchant: TestMerchant, query: string) {
  return gateway.request('GET', `/v1/events${query}`, { as: merchant });
}

/** A merchant with a captured intent, and the response with both its events. */
async function newPayment() {
  const merchant = await gateway.newMerchant();
  const intent = await gateway.newIntent(merchant, CASH);
  await gateway.request('POST', `/v1/payment_intents/${intent.id}/capture`, { as: merchant, body: {} });
  return { merchant, intent, all: await sequenceUntil(gateway, merchant, 2) };
}

/** Opens the stream; the text arrives in `received`. */
async function openStream(
  merchant: TestMerchant,
  query: string,
  headers: Record<string, string> = {},
  from = gateway,
) {
  const leaving = new AbortController();
  const signed = { method: 'GET', path: '/v1/events', body: '' };
  const response = await fetch(`${from.url}/v1/events${query}`, {
    headers: {
      Authorization: authorizationHeader(merchant, signed, from.deps.wallClock.now()),
      Accept: 'text/event-stream',
      ...headers,
    },
    signal: leaving.signal,
  });
  const stream = { response, received: '', hasEnded: false, leave: () => leaving.abort() };
  const reading = async () => {
    for await (const chunk of response.body ?? []) {
      stream.received += Buffer.from(chunk).toString();
    }
    stream.hasEnded = true;
  };
  void reading().catch(() => undefined);
  return stream;
}

describe('the events of a merchant', () => {
  it('show the intent as it was at each event, with growing versions, oldest first', async () => {
    const { intent, all } = await newPayment();
    const [created, succeeded] = all.body.data;
    expect(all.body.data.map(({ type }: { type: string }) => type)).toEqual([
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
    expect(created.data.payment_intent).toMatchObject({ id: intent.id, status: 'requires_payment_method' });
    expect(succeeded.data.payment_intent).toMatchObject({ status: 'succeeded', amount_captured: 1000 });
    expect(succeeded.data.payment_intent.version).toBeGreaterThan(created.data.payment_intent.version);
    expect(all.body.has_more).toBe(false);
  });

  it('contain neither the payment_token nor the QR', async () => {
    const merchant = await gateway.newMerchant();
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    const all = await sequenceUntil(gateway, merchant, 2);
    expect(all.body.data[1].type).toBe('payment_intent.requires_action');
    expect(all.bytes.toString()).not.toContain('secret');
    expect(all.bytes.toString()).not.toContain(body.qr_content);
  });

  it('are the same bytes in the list, retrieved, and in the stream', async () => {
    const { merchant, all } = await newPayment();
    const { id } = all.body.data[1];
    const one = await gateway.request('GET', `/v1/events/${id}`, { as: merchant });
    const stream = await openStream(merchant, '?after=oldest');
    await eventually(() => expect(stream.received).toContain(`data: ${one.bytes.toString()}\n\n`));
    stream.leave();
    expect(all.bytes.toString()).toContain(one.bytes.toString());
  });

  it('are those of this merchant only', async () => {
    await newPayment();
    const other = await gateway.newMerchant();
    expect((await list(other, '?after=oldest')).body.data).toEqual([]);
  });
});

describe('a cursor', () => {
  it('continues after the last event of a page', async () => {
    const { merchant, all } = await newPayment();
    const first = await list(merchant, '?after=oldest&limit=1');
    expect(first.body).toMatchObject({ data: [all.body.data[0]], has_more: true });
    const second = await list(merchant, `?after=${first.body.next_cursor}&limit=1`);
    expect(second.body).toMatchObject({ data: [all.body.data[1]], has_more: false });
    expect((await list(merchant, `?after=${second.body.next_cursor}`)).body.data).toEqual([]);
  });

  it('is returned without events when there is no `after`, and continues from then', async () => {
    const { merchant } = await newPayment();
    const now = await list(merchant, '');
    expect(now.body).toMatchObject({ data: [], has_more: false });
    await gateway.newIntent(merchant, CASH);
    await sequenceUntil(gateway, merchant, 3);
    expect((await list(merchant, `?after=${now.body.next_cursor}`)).body.data).toHaveLength(1);
  });

  it('skips events of other types and advances over them', async () => {
    const { merchant } = await newPayment();
    const found = await list(merchant, '?after=oldest&types=payment_intent.succeeded');
    expect(found.body.data.map(({ type }: { type: string }) => type)).toEqual(['payment_intent.succeeded']);
    const none = await list(merchant, '?after=oldest&types=payment_intent.expired,ping');
    expect(none.body.data).toEqual([]);
    expect((await list(merchant, `?after=${none.body.next_cursor}`)).body.data).toEqual([]);
  });

  it('skips events of stores that the key is not for, and advances over them', async () => {
    const { merchant } = await newPayment();
    const key = await newLimitedKey(gateway, merchant, { storeIds: [merchant.storeId] });
    await addStores(gateway, merchant, ['other']);
    const as = { ...merchant, ...key };
    await gateway.newIntent(merchant, { ...CASH, merchant_store_id: 'other' });
    await gateway.newIntent(merchant, { ...CASH, merchant_store_id: undefined });
    // The fifth is of the merchant, who has a new account.
    const all = await sequenceUntil(gateway, merchant, 5);
    const found = await list(as, '?after=oldest');
    expect(found.body.data).toEqual(all.body.data.slice(0, 2));
    expect(found.body.next_cursor).toBe(all.body.next_cursor);
    const typed = await list(as, '?after=oldest&types=payment_intent.created');
    expect(typed.body.data).toEqual(all.body.data.slice(0, 1));
  });

  it('that was removed, is of an unknown epoch or lies ahead is refused with the oldest one', async () => {
    const { merchant, all } = await newPayment();
    const [epoch, position] = all.body.next_cursor.split('-');
    for (const cursor of [`0123456789ab-1`, `${epoch}-${Number(position) + 1_000}`]) {
      const refused = await list(merchant, `?after=${cursor}`);
      expect(refused).toMatchObject({ status: 410, body: { code: 'cursor_expired' } });
      const { oldest_cursor: oldest } = refused.body.details;
      expect((await list(merchant, `?after=${oldest}`)).body.data).toHaveLength(2);
    }
  });

  it.each(['x', '1', `${'0'.repeat(12)}-`, '0123456789ab-9999999999999999', '0123456789ab--1'])(
    'that the gateway did not make (%s) is an invalid request',
    async (cursor) => {
      const merchant = await gateway.newMerchant();
      const refused = await list(merchant, `?after=${encodeURIComponent(cursor)}`);
      expect(refused).toMatchObject({ status: 400, body: { details: { field: 'after' } } });
    },
  );
});

describe('bad input', () => {
  it.each([
    '?types=payment_intent.paid',
    '?types=,',
    '?limit=0',
    '?limit=101',
    '?wait=26',
    '?wait=-1',
    '?other=1',
  ])('%s is an invalid request', async (query) => {
    expect((await list(await gateway.newMerchant(), query)).status).toBe(400);
  });

  it('without credentials is refused', async () => {
    expect((await gateway.request('GET', '/v1/events')).status).toBe(401);
  });

  it('with a sync key is refused', async () => {
    const refused = await gateway.request('GET', '/v1/events', { as: await gateway.newSyncKey() });
    expect(refused).toMatchObject({ status: 403, body: { details: { required_scope: 'events' } } });
  });
});

describe('a request that waits', () => {
  it('gets its response when an event gets its position', async () => {
    const merchant = await gateway.newMerchant();
    await eventually(() => expect(gateway.deps.followers.count()).toBe(0));
    const waiting = list(merchant, '?wait=25');
    await eventually(() => expect(gateway.deps.followers.count()).toBe(1));
    await gateway.newIntent(merchant, CASH);
    await sequenceUntil(gateway, merchant, 1);
    expect((await waiting).body.data).toHaveLength(1);
    expect(gateway.deps.followers.count()).toBe(0);
  });

  it('is refused when the merchant has too many of them', async () => {
    const merchant = await gateway.newMerchant();
    const first = await openStream(merchant, '');
    const second = await openStream(merchant, '');
    const refused = await list(merchant, '?wait=1');
    expect(refused).toMatchObject({
      status: 429,
      body: { details: { scope: 'merchant_streams', limit: 2 } },
    });
    expect((await list(merchant, '')).status).toBe(200);
    first.leave();
    second.leave();
    await eventually(() => expect(gateway.deps.followers.count()).toBe(0));
  });
});

describe('a stream', () => {
  it('continues after the header Last-Event-ID', async () => {
    const { merchant, all } = await newPayment();
    const page = await list(merchant, '?after=oldest&limit=1');
    const stream = await openStream(merchant, '?after=oldest', { 'Last-Event-ID': page.body.next_cursor });
    await eventually(() => expect(stream.received).toContain(all.body.data[1].id));
    expect(stream.received).not.toContain(all.body.data[0].id);
    stream.leave();
  });

  it('refuses a cursor that it cannot continue from before it begins', async () => {
    const stream = await openStream(await gateway.newMerchant(), '', { 'Last-Event-ID': '0123456789ab-1' });
    expect(stream.response.status).toBe(410);
  });

  it('sends new events with their cursor and type', async () => {
    const merchant = await gateway.newMerchant();
    const stream = await openStream(merchant, '');
    await gateway.newIntent(merchant, CASH);
    const all = await sequenceUntil(gateway, merchant, 1);
    await eventually(() =>
      expect(stream.received).toContain(
        `id: ${all.body.next_cursor}\nevent: payment_intent.created\ndata: {`,
      ),
    );
    stream.leave();
  });

  it('ends within 12 seconds when its API key is revoked, also while there are events all the time', async () => {
    const clock = createTestClock();
    const own = await startTestGateway({ clock });
    const merchant = await own.newMerchant();
    const stream = await openStream(merchant, '', {}, own);
    const nextEvent = async (count: number) => {
      await own.newIntent(merchant, CASH);
      await sequenceUntil(own, merchant, count);
      await eventually(() => expect(stream.received.match(/^data: /gm)).toHaveLength(count));
    };
    await nextEvent(1);
    await clock.advance(7_000);
    await nextEvent(2);
    await revokeApiKey(own.deps.db, merchant.apiKey, clock.now());
    await clock.advance(6_000);
    await eventually(() => expect(stream.hasEnded).toBe(true));
    await own.close();
  });

  it('ends within 12 seconds when its API key is limited otherwise', async () => {
    const clock = createTestClock();
    const own = await startTestGateway({ clock });
    const merchant = await own.newMerchant();
    const stream = await openStream(merchant, '', {}, own);
    await updateApiKey(own.deps, BY_TEST, merchant.apiKey, { label: 'Only its name is new' });
    await clock.advance(12_000);
    await eventually(() => expect(stream.received).toContain(':'));
    expect(stream.hasEnded).toBe(false);
    await updateApiKey(own.deps, BY_TEST, merchant.apiKey, { storeIds: [merchant.storeId] });
    await clock.advance(12_000);
    await eventually(() => expect(stream.hasEnded).toBe(true));
    await own.close();
  });

  it('ends at once when the gateway shuts down', async () => {
    const own = await startTestGateway();
    const merchant = await own.newMerchant();
    const response = own.request('GET', '/v1/events?wait=25', { as: merchant });
    await eventually(() => expect(own.deps.followers.count()).toBe(1));
    own.deps.followers.end();
    expect((await response).body.data).toEqual([]);
    await own.close();
  });
});
