/**
 * What API keys and syncs change is in the audit log, and merchants are informed of changes of how they are paid.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAuditRows } from '../../../src/store/audit/audit-log.ts';
import {
  type Credentials,
  startTestGateway,
  type TestGateway,
  type TestMerchant,
} from '../../support/gateway.ts';

const ENDPOINTS = '/v1/webhook_endpoints';

let gateway: TestGateway;
let merchant: TestMerchant;
let sync: Credentials;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  sync = await gateway.newSyncKey();
});

afterAll(() => gateway.close());

async function actsOn(objectId: string) {
  return listAuditRows(gateway.deps.db, { objectId }, { order: 'oldest', after: undefined, limit: 100 });
}

async function eventsOf(merchantId: string) {
  await gateway.runPasses('events');
  const rows = await gateway.deps.db('events').where({ merchant_id: merchantId }).orderBy('position');
  return rows.map(({ body }) => JSON.parse(body));
}

function payload(
  id: string,
  { account = 'pp_1', isActive = true, origins = ['https://shop.example.com'], name = 'Shop' } = {},
) {
  const configs = [{ provider: 'PAYPAY', is_active: isActive, credentials: { merchant_id: account } }];
  const stores = [{ id: 's_1', name: 'Store', payment_processor_configs: configs }];
  return { merchants: [{ id, name, checkout_frame_ancestors: origins, stores }] };
}

async function runSync(body: object, headers: Record<string, string> = {}): Promise<void> {
  const response = await gateway.request('POST', '/v1/sync/merchants', { as: sync, body, headers });
  expect(response.status).toBe(200);
}

describe('webhook endpoints', () => {
  it('leave a row for each change of a key, with its address and request, and never a secret', async () => {
    const as = merchant;
    const url = 'https://receiver.example.com/hooks?token=very-secret';
    const created = await gateway.request('POST', ENDPOINTS, { as, body: { url } });
    const one = `${ENDPOINTS}/${created.body.id}`;
    await gateway.request('PATCH', one, { as, body: { description: 'Orders' } });
    await gateway.request('PATCH', one, { as, body: { description: 'Orders' } });
    await gateway.request('PATCH', one, { as, body: { status: 'paused' } });
    await gateway.request('PATCH', one, { as, body: { status: 'enabled' } });
    const rotated = await gateway.request('POST', `${one}/rotate_secret`, { as });
    const period = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    await gateway.request('POST', `${one}/replay`, { as, body: { ...period, dry_run: true } });
    await gateway.request('POST', `${one}/replay`, { as, body: period });
    await gateway.request('DELETE', one, { as });
    const acts = await actsOn(created.body.id);
    expect(acts.map(({ type }) => type)).toEqual([
      'webhook_endpoint.created',
      'webhook_endpoint.updated',
      'webhook_endpoint.paused',
      'webhook_endpoint.enabled',
      'webhook_endpoint.secret_rotated',
      'webhook_endpoint.replayed',
      'webhook_endpoint.deleted',
    ]);
    expect(acts[1]).toMatchObject({
      actor: { kind: 'api_key', id: merchant.apiKey },
      merchantId: merchant.merchantId,
      clientAddress: '127.0.0.1',
      requestId: expect.stringMatching(/^req_/),
      before: { description: null },
      after: { description: 'Orders' },
    });
    const rows = JSON.stringify(await gateway.deps.db('audit_log').select());
    for (const secret of ['very-secret', created.body.secret, rotated.body.secret, merchant.secretKey]) {
      expect(rows).not.toContain(secret);
    }
  });

  it('leave no row when the request is refused', async () => {
    const missing = `${ENDPOINTS}/we_01JHMB5V00ZX8Y7W6V5T4S3R2Q`;
    await gateway.request('DELETE', missing, { as: merchant });
    expect(await actsOn('we_01JHMB5V00ZX8Y7W6V5T4S3R2Q')).toEqual([]);
  });
});

describe('a sync', () => {
  it('leaves a row for a merchant that it created or changed, and none for one that stays as it was', async () => {
    await runSync(payload('m_audit'));
    await runSync(payload('m_audit'));
    await runSync(payload('m_audit', { name: 'Other', account: 'pp_secret_2', isActive: false }));
    const acts = await actsOn('m_audit');
    expect(acts).toMatchObject([
      {
        type: 'merchant.created',
        actor: { kind: 'api_key', id: sync.apiKey },
        before: undefined,
        after: { name: 'Shop', upstream: 'default', stores: 1 },
      },
      {
        type: 'merchant.changed',
        clientAddress: '127.0.0.1',
        before: { name: 'Shop', accounts: { 's_1 PAYPAY': { is_active: 'true' } } },
        after: { name: 'Other', accounts: { 's_1 PAYPAY': { is_active: 'false' } } },
      },
    ]);
    const rows = JSON.stringify(await gateway.deps.db('audit_log').select());
    expect(rows).not.toContain('pp_secret_2');
  });

  it('leaves a row when only a store was added', async () => {
    await runSync(payload('m_store'));
    await runSync({ merchants: [{ id: 'm_store', name: 'Shop', stores: [{ id: 's_2', name: 'Second' }] }] });
    expect((await actsOn('m_store')).at(-1)).toMatchObject({ before: {}, after: { stores_written: 1 } });
  });

  it('that is repeated with its Idempotency-Key leaves one row', async () => {
    const headers = { 'Idempotency-Key': 'sync-once' };
    await runSync(payload('m_once'), headers);
    await runSync(payload('m_once'), headers);
    expect(await actsOn('m_once')).toHaveLength(1);
  });

  it('informs a merchant of changed accounts and frame origins by one event, without the credentials', async () => {
    await runSync(payload('m_event'));
    await runSync(payload('m_event', { name: 'Renamed' }));
    expect(await eventsOf('m_event')).toEqual([]);
    await runSync(payload('m_event', { account: 'pp_secret_3', isActive: false, origins: [] }));
    const events = await eventsOf('m_event');
    expect(events).toMatchObject([
      {
        type: 'merchant.updated',
        data: {
          merchant: {
            id: 'm_event',
            changed: ['checkout_frame_ancestors', 'credentials', 'is_active'],
            merchant_store_ids: ['s_1'],
            upstream: 'default',
          },
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('pp_secret_3');
  });
});
