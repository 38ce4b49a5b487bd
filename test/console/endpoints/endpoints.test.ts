/**
 * Webhook endpoints and deliveries in the console, within the scope of the operator.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { createApiKey } from '../../../src/services/operator/api-keys.ts';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { query } from '../../../src/store/db/query.ts';
import { BY_TEST } from '../../support/acts.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

let gateway: TestGateway;
let console: TestConsole;
let support: ConsoleClient;
let ginza: ConsoleClient;
let bakery: Credentials;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  const stores = ['ginza', 'ueno'].map((id) => ({ id, name: id, configs: [] }));
  await syncMerchants(gateway.deps, [
    { id: 'bakery', name: 'Bakery', stores },
    { id: 'florist', name: 'Florist', stores: [] },
  ]);
  bakery = await newKey('bakery');
});

beforeEach(async () => {
  support = await console.signIn('support');
  ginza = await console.signIn({ role: 'support', merchantId: 'bakery', storeId: 'ginza' });
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

async function newKey(merchantId: string): Promise<Credentials> {
  const { key, secretKey } = await createApiKey(gateway.deps, BY_TEST, merchantId);
  return { apiKey: key.apiKey, secretKey };
}

async function delivery(endpointId: string, storeId?: string, status = 'pending', attempts: object[] = []) {
  const event = await seedEvent(gateway.deps.db, { merchantId: 'bakery', ...(storeId && { storeId }) });
  return seedDelivery(gateway.deps.db, endpointId, event, { status, attempts });
}

describe('the list of endpoints', () => {
  it('shows of each the address without its query, the status, and how many deliveries succeeded', async () => {
    const { id } = await newEndpoint(gateway, bakery, { url: 'https://shop.example.com/hook?token=s3cret' });
    await delivery(id, 'ginza', 'succeeded');
    await delivery(id, 'ginza', 'failed');
    await delivery(id, 'ginza');
    const { text } = await support.get('/endpoints?merchant=bakery');
    expect(text).toMatch(
      new RegExp(`/endpoints/${id}">https://shop.example.com/hook\\?…[\\s\\S]*?1 of 2 succeeded`),
    );
    expect(text).not.toContain('s3cret');
    expect((await support.get(`/endpoints/${id}`)).text).not.toContain('s3cret');
  });

  it('shows to the reader of a store the endpoints that receive its events, and none of other stores', async () => {
    const own = await newEndpoint(gateway, bakery, { merchant_store_ids: ['ginza'] });
    const other = await newEndpoint(gateway, bakery, { merchant_store_ids: ['ueno'] });
    const all = await newEndpoint(gateway, bakery);
    const florist = await newEndpoint(gateway, await newKey('florist'));
    const { text } = await ginza.get('/endpoints');
    expect(text).toContain(own.id);
    expect(text).toContain(all.id);
    for (const { id } of [other, florist]) {
      expect(text).not.toContain(id);
      expect((await ginza.get(`/endpoints/${id}`)).status).toBe(404);
    }
  });

  it('filters by status', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    await support.post(`/endpoints/${id}/pause`, { reason: 'Maintenance' });
    expect((await support.get('/endpoints?status=paused')).text).toContain(id);
    expect((await support.get('/endpoints?status=enabled')).text).not.toContain(id);
  });
});

describe('an endpoint', () => {
  it('shows its deliveries by status, page by page', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    const failed = await delivery(id, 'ginza', 'failed');
    const pending = await delivery(id, 'ginza');
    const { text } = await support.get(`/endpoints/${id}?status=failed`);
    expect(text).toContain(failed);
    expect(text).not.toContain(pending);
    for (let n = 0; n < 50; n += 1) {
      await delivery(id, 'ginza', 'failed');
    }
    const first = (await support.get(`/endpoints/${id}?status=failed`)).text;
    expect(first).not.toContain(failed);
    const next = /href="([^"]*after=[^"]*)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await support.get(next)).text).toContain(failed);
  });

  it('of the whole merchant shows to the reader of a store the deliveries of the store only, and no acts', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    const [own, other, none] = [
      await delivery(id, 'ginza'),
      await delivery(id, 'ueno'),
      await delivery(id, undefined),
    ];
    const { text } = await ginza.get(`/endpoints/${id}`);
    expect(text).toContain(own);
    for (const hidden of [other, none]) {
      expect(text).not.toContain(hidden);
      expect((await ginza.get(`/deliveries/${hidden}`)).status).toBe(404);
      expect((await ginza.post(`/deliveries/${hidden}/redeliver`, { reason: 'Try' })).status).toBe(404);
    }
    expect(text).not.toContain(`/endpoints/${id}/pause`);
    expect((await ginza.post(`/endpoints/${id}/pause`, { reason: 'Mine' })).status).toBe(404);
  });

  it('is paused and enabled with a reason, which the audit log keeps', async () => {
    const { id } = await newEndpoint(gateway, bakery, { merchant_store_ids: ['ginza'] });
    const paused = await ginza.post(`/endpoints/${id}/pause`, { reason: 'Floods the till' });
    expect(paused.location).toBe(`/endpoints/${id}?done=paused`);
    expect((await ginza.get(paused.location ?? '')).text).toMatch(/role="status"[\s\S]*\/enable"/);
    await ginza.post(`/endpoints/${id}/enable`, { reason: 'Repaired' });
    const acts = await listActsOnObject(gateway.deps.db, 'webhook_endpoint', id, 10);
    expect(acts.slice(1).map(({ type, reason, actor }) => [type, reason, actor.id])).toEqual([
      ['webhook_endpoint.paused', 'Floods the till', ginza.operator?.id],
      ['webhook_endpoint.enabled', 'Repaired', ginza.operator?.id],
    ]);
  });

  it('that is disabled is not paused, and the form shows why with the reason kept', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    await query(
      gateway.deps.db,
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'gone' where id = :id`,
      { id },
    );
    const { status, text } = await support.post(`/endpoints/${id}/pause`, { reason: 'Too late' });
    expect(status).toBe(400);
    expect(text).toMatch(/role="alert"[\s\S]*Too late/);
    expect((await support.post(`/endpoints/${id}/enable`, { reason: 'Is back' })).status).toBe(303);
  });

  it('offers its acts only to whoever may do them', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    const viewer = await console.signIn('viewer');
    expect((await viewer.get(`/endpoints/${id}`)).text).not.toContain('/pause');
    expect((await viewer.post(`/endpoints/${id}/pause`, { reason: 'No' })).status).toBe(403);
  });
});

describe('a delivery', () => {
  it('shows its tries, with what the receiver responded as text and never as markup', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    const attempt = {
      at: '2026-01-15T10:00:00Z',
      duration_ms: 1234,
      status: 500,
      response_excerpt: '<script>alert(1)</script>',
    };
    const deliveryId = await delivery(id, 'ginza', 'failed', [attempt]);
    const { text } = await ginza.get(`/deliveries/${deliveryId}`);
    expect(text).toMatch(/2026-01-15 19:00:00[\s\S]*500[\s\S]*1,234\sms/);
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script>alert');
  });

  it('is sent again with a reason', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    const deliveryId = await delivery(id, 'ginza', 'failed');
    const sent = await ginza.post(`/deliveries/${deliveryId}/redeliver`, { reason: 'The till was off' });
    expect(sent.location).toBe(`/deliveries/${deliveryId}?done=redelivered`);
    const rows = await query(
      gateway.deps.db,
      'select status, tries from webhook_deliveries where id = :deliveryId',
      { deliveryId },
    );
    expect(rows).toEqual([{ status: 'pending', tries: 0 }]);
    const acts = await listActsOnObject(gateway.deps.db, 'webhook_delivery', deliveryId, 10);
    expect(acts.map(({ type, reason }) => [type, reason])).toEqual([
      ['webhook_delivery.redelivered', 'The till was off'],
    ]);
  });

  it('to a disabled endpoint is refused, in the language of the page', async () => {
    const { id } = await newEndpoint(gateway, bakery);
    const deliveryId = await delivery(id, 'ginza', 'failed');
    await query(
      gateway.deps.db,
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'gone' where id = :id`,
      { id },
    );
    const form = { reason: '再送のため' };
    const path = `/deliveries/${deliveryId}/redeliver`;
    const { status, text } = await support.post(path, form, { 'Accept-Language': 'ja' });
    expect(status).toBe(400);
    expect(text).toMatch(/先に有効にしてください[\s\S]*再送のため/);
  });
});
