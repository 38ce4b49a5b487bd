/**
 * Which upstream system may sync a merchant, and what the history records.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { rotateApiKey } from '../../src/services/operator/api-keys.ts';
import { assignMerchant } from '../../src/services/operator/assign-merchant.ts';
import { inTransaction } from '../../src/store/db/query.ts';
import { listMerchantEvents } from '../../src/store/sync/merchant-events.ts';
import { BY_TEST } from '../support/acts.ts';
import { eventually } from '../support/eventually.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let erp: Credentials;
let attacker: Credentials;

beforeAll(async () => {
  gateway = await startTestGateway();
  erp = await gateway.newSyncKey('erp');
  attacker = await gateway.newSyncKey('attacker');
});
afterAll(() => gateway.close());

const sync = (as: Credentials, merchants: unknown, headers: Record<string, string> = {}) =>
  gateway.request('POST', '/v1/sync/merchants', { as, body: { merchants }, headers });
const merchant = (id: string, account = 'pp_1', more: Record<string, unknown> = {}) => ({
  id,
  name: `Name of ${id}`,
  stores: [
    {
      id: 's',
      name: 'S',
      payment_processor_configs: [
        { provider: 'PAYPAY', is_active: true, credentials: { merchant_id: account } },
      ],
    },
  ],
  ...more,
});
const historyOf = (id: string) => listMerchantEvents(gateway.database.db, id);
const changesOf = async (id: string) =>
  (await historyOf(id)).map(({ field, before, after }) => [field, before, after]);
const stored = (table: string, where: object) => gateway.database.db(table).select('*').where(where);

describe('a merchant belongs to the upstream system that synced it first', () => {
  it('and a sync by another is refused as a whole: a 403 lists the merchants, and nothing changes', async () => {
    await sync(erp, [merchant('m_own_1'), merchant('m_own_2')]);
    const before = [await stored('merchants', {}), await stored('payment_processor_configs', {})];
    const refused = await sync(attacker, [
      merchant('m_unowned'),
      merchant('m_own_2', 'attacker_account'),
      merchant('m_own_1', 'attacker_account', { checkout_frame_ancestors: ['https://evil.example'] }),
    ]);
    expect([refused.status, refused.body.code, refused.body.details]).toEqual([
      403,
      'forbidden',
      { reason: 'other_upstream', merchant_ids: ['m_own_1', 'm_own_2'] },
    ]);
    expect([await stored('merchants', {}), await stored('payment_processor_configs', {})]).toEqual(before);
    expect(await historyOf('m_unowned')).toEqual([]);
  });

  it('even if the payload changes nothing, and also with an Idempotency-Key', async () => {
    await sync(erp, [merchant('m_same')]);
    expect((await sync(attacker, [merchant('m_same')])).status).toBe(403);
    expect((await sync(attacker, [{ id: 'm_same', name: 'Name of m_same' }])).status).toBe(403);
    expect((await sync(attacker, [merchant('m_same')], { 'Idempotency-Key': 'k' })).status).toBe(403);
  });

  it('and of two that create the same merchant at once, one gets it and the other is refused', async () => {
    const { db } = gateway.database;
    let hasRefused: unknown;
    let other: Promise<unknown> | undefined;
    await inTransaction(db, async (trx) => {
      await syncMerchants({ ...gateway.deps, db: trx }, [{ id: 'm_race', name: 'First', stores: [] }], {
        upstream: 'erp',
      });
      other = sync(attacker, [merchant('m_race', 'attacker_account')]).then((response) => {
        hasRefused = response.status;
      });
      await eventually(async () => {
        const { rows } = await db.raw(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        expect(rows).toHaveLength(1);
      });
    });
    await other;
    expect(hasRefused).toBe(403);
    expect(await stored('merchants', { id: 'm_race' })).toMatchObject([{ name: 'First', upstream: 'erp' }]);
    expect(await stored('stores', { merchant_id: 'm_race' })).toEqual([]);
  });

  it('and merchants from before upstream systems had names belong to `default`', async () => {
    const { db } = gateway.database;
    await db.raw(
      "insert into merchants (id, name, created_at, updated_at) values ('m_old', 'Old', now(), now())",
    );
    expect((await sync(erp, [merchant('m_old')])).status).toBe(403);
    expect((await sync(await gateway.newSyncKey(), [merchant('m_old')])).status).toBe(200);
  });

  it('and a rotated sync key keeps its upstream system', async () => {
    await sync(erp, [merchant('m_rotated')]);
    const { key, secretKey } = await rotateApiKey(gateway.deps, BY_TEST, erp.apiKey);
    const rotated = { apiKey: key.apiKey, secretKey };
    expect(key.upstream).toBe('erp');
    expect((await sync(rotated, [merchant('m_rotated', 'pp_2')])).status).toBe(200);
  });

  it('until the operator assigns it to another', async () => {
    await sync(erp, [merchant('m_given')]);
    await assignMerchant(gateway.deps, BY_TEST, 'm_given', 'attacker');
    expect((await sync(erp, [merchant('m_given')])).status).toBe(403);
    expect((await sync(attacker, [merchant('m_given')])).status).toBe(200);
    expect((await changesOf('m_given')).at(-1)).toEqual(['upstream', 'erp', 'attacker']);
  });

  it('and a retry of a sync after a rotation of its key is a replay', async () => {
    const headers = { 'Idempotency-Key': 'retry' };
    const first = await sync(erp, [merchant('m_retry')], headers);
    const { key, secretKey } = await rotateApiKey(gateway.deps, BY_TEST, erp.apiKey);
    const second = await sync({ apiKey: key.apiKey, secretKey }, [merchant('m_retry')], headers);
    expect([second.status, second.headers.get('Idempotent-Replayed')]).toEqual([first.status, 'true']);
  });
});

describe('the history of a merchant', () => {
  it('has a row for each change, with key, address, request, before and after, and never a credential', async () => {
    await sync(erp, [merchant('m_history', 'secret_account_1')]);
    const answer = await sync(erp, [
      {
        ...merchant('m_history', 'secret_account_2', {
          checkout_frame_ancestors: ['https://a.example', 'https://b.example'],
        }),
        name: 'Renamed',
      },
    ]);
    const events = await historyOf('m_history');
    const [first = '', second = ''] = events
      .filter(({ field }) => field === 'credentials')
      .map(({ after }) => after ?? '');
    expect(await changesOf('m_history')).toEqual([
      ['upstream', null, 'erp'],
      ['name', null, 'Name of m_history'],
      ['credentials', null, first],
      ['is_active', null, 'true'],
      ['name', 'Name of m_history', 'Renamed'],
      ['checkout_frame_ancestors', null, 'https://a.example https://b.example'],
      ['credentials', first, second],
    ]);
    expect(events.at(-1)).toMatchObject({
      merchantId: 'm_history',
      storeId: 's',
      provider: 'PAYPAY',
      upstream: 'erp',
      apiKey: erp.apiKey,
      clientAddress: '127.0.0.1',
      requestId: answer.headers.get('X-Request-Id'),
      createdAt: expect.any(Date),
    });
    expect(first).not.toBe(second);
    expect(JSON.stringify(events)).not.toContain('secret_account');
  });

  it('has no row for a sync that changes nothing', async () => {
    await sync(erp, [merchant('m_quiet')]);
    const before = await historyOf('m_quiet');
    await sync(erp, [merchant('m_quiet')]);
    expect(await historyOf('m_quiet')).toEqual(before);
  });

  it('shows an older sync that is sent again, because it restores an older account', async () => {
    await sync(erp, [merchant('m_replayed', 'old')]);
    await sync(erp, [merchant('m_replayed', 'new')]);
    await sync(erp, [merchant('m_replayed', 'old')]);
    const accounts = (await historyOf('m_replayed')).filter(({ field }) => field === 'credentials');
    expect(accounts).toHaveLength(3);
    expect(accounts[2]).toMatchObject({ before: accounts[1]?.after, after: accounts[0]?.after });
  });

  it('shows that an account was deactivated', async () => {
    await sync(erp, [merchant('m_off')]);
    const off = merchant('m_off');
    off.stores[0]?.payment_processor_configs.forEach((config) => {
      config.is_active = false;
    });
    await sync(erp, [off]);
    expect((await changesOf('m_off')).at(-1)).toEqual(['is_active', 'true', 'false']);
  });

  it('has the correct previous value even when two syncs of one merchant run at once', async () => {
    await sync(erp, [merchant('m_twice', 'pp_0')]);
    await Promise.all(
      ['pp_1', 'pp_2', 'pp_3'].map((account) => sync(erp, [merchant('m_twice', account, { name: account })])),
    );
    for (const field of ['credentials', 'name']) {
      const events = (await historyOf('m_twice')).filter((event) => event.field === field);
      expect(events).toHaveLength(4);
      expect(events.slice(1).map(({ before }) => before)).toEqual(
        events.slice(0, -1).map(({ after }) => after),
      );
    }
  });

  it('is written only with the change: a refused sync leaves no row', async () => {
    const events = await stored('merchant_events', {});
    await sync(erp, [merchant('m_never'), merchant('m_never')]);
    expect(await stored('merchant_events', {})).toEqual(events);
  });

  it.each([
    'update merchant_events set after = null',
    'delete from merchant_events',
    'truncate merchant_events',
  ])('cannot be rewritten: %s', async (statement) => {
    await sync(erp, [merchant('m_kept')]);
    await expect(gateway.database.db.raw(statement)).rejects.toThrow('merchant_events is append-only');
  });
});

describe('the access line of a sync', () => {
  it.each(['accepted', 'refused'])(
    'names key, address and the number of merchants when it is %s',
    async (how) => {
      await sync(erp, [merchant('m_logged')]);
      const as = how === 'accepted' ? erp : attacker;
      const { headers } = await sync(as, [merchant('m_logged'), merchant(`m_logged_${how}`)]);
      const lines = gateway.logLines.map((line) => JSON.parse(line));
      expect(lines.find(({ requestId }) => requestId === headers.get('X-Request-Id'))).toMatchObject({
        operationId: 'syncMerchants',
        apiKey: as.apiKey,
        clientAddress: '127.0.0.1',
        merchants: 2,
        ...(how === 'refused' && { reason: 'other_upstream' }),
      });
    },
  );
});
