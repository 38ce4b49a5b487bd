/**
 * Every statement that a request or a worker sends finds its rows by an index, so that it costs the same at ten million
 * intents. The statements are recorded on their way to the database, so a new one cannot be forgotten.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillWithPayments } from '../../scripts/bench/data/scale.ts';
import { EVERYTHING, scopeOfShop } from '../../src/domain/operators/scope.ts';
import type { Payment } from '../../src/domain/payment.ts';
import { firstIdAt } from '../../src/lib/ids.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { findPaymentInScope, loadPayment } from '../../src/services/operator/payment/load-payment.ts';
import { eachPayment, type PaymentQuery } from '../../src/services/operator/payments/each-payment.ts';
import { findPaymentBy } from '../../src/services/operator/payments/find-payment.ts';
import { listAnyRefunds } from '../../src/store/operator/refunds.ts';
import { findRefundOfRequest } from '../../src/store/refunds/refunds.ts';
import { listNewestDeliveries } from '../../src/store/webhooks/deliveries.ts';
import { BY_TEST } from '../support/acts.ts';
import { contract } from '../support/contract.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { sequenceUntil } from '../support/feed.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { newLimitedKey } from '../support/keys.ts';
import { newKeyWith } from '../support/refunds.ts';
import { scriptedSender } from '../support/scripted-sender.ts';
import { DELIVERIES, ENDPOINTS } from '../support/webhooks.ts';

interface Statement {
  readonly text: string;
  readonly values: unknown[];
  /** Whether it is prepared once and planned without its values. */
  readonly isNamed: boolean;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Plan Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: PlanNode[];
}

const INTENTS = 30_000;
/** A merchant with a thousand of them. */
const MERCHANT = 'bench_1';
const STORE = 'store_001';
const PATH = '/v1/payment_intents';
const REFUNDS = '/v1/refunds';
const REPORT = '/v1/reports/daily';
/** Everything else is explained, so that no new form of statement escapes. */
const NOT_PLANNED =
  /^\s*($|;|begin|start|commit|rollback|savepoint|release|set|show|listen|unlisten|notify|create|alter|drop|lock)\b/i;
/** Tables that stay small, however many payments there are. */
const SMALL_TABLES = new Set([
  'pg_inherits',
  'event_sequencer',
  'audit_head',
  'event_epochs',
  'outbox_events',
  'provider_reads',
  'merchant_limits',
  'operators',
]);
/** The maximum that one statement may sort, or read without using. */
const MAX_ROWS = 100;
/**
 * A page of a hundred intents is a hundred blocks, and the index blocks that lead to them. A claim of twenty refunds writes each to
 * the dozen indexes of its table.
 */
const MAX_BLOCKS = 1_000;

let database: TestDatabase;
let gateway: TestGateway;
let merchant: Credentials;
const statements = new Map<string, Statement>();

beforeAll(async () => {
  // Before the first connection opens, because each may keep the function that it was created with.
  const stopWatching = watchStatements();
  try {
    database = await createTestDatabase();
    await seed(database.url);
    gateway = await startTestGateway({ webhookSender: scriptedSender(), database });
    const { key, secretKey } = await createApiKey(gateway.deps, BY_TEST, MERCHANT);
    merchant = { apiKey: key.apiKey, secretKey };
    statements.clear();
    await useEverything();
  } finally {
    stopWatching();
  }
}, 180_000);
afterAll(async () => {
  await gateway.close();
  await database.drop();
});

async function seed(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await fillWithPayments([client], INTENTS, () => undefined);
    await client.query(`
      insert into api_keys select 'ak_' || n, 'other_' || n, array['payments'], repeat('0', 64), now() from generate_series(1, 1000) n;
      insert into payment_processor_configs
      select merchant_id, id, 'PAYPAY', true, '\\x00', '\\x00', now(), now() from stores;
      insert into idempotency_keys (scope, operation, key, request_hash, response_status, response_body, created_at, expires_at)
      select 'ak_' || n % 1000, 'createPaymentIntent', 'k' || n, sha256(n::text::bytea), 201, '\\x00', now(), now() + interval '1 day'
      from generate_series(1, 20000) n;
      insert into provider_webhooks (provider, dedupe_key, type, attempt_id, body, status, received_at, processed_at)
      select 'PAYPAY', id, 'Transaction', id, '\\x00', 'processed', now(), now() from payment_attempts limit 20000;
      insert into refunds (id, attempt_id, intent_id, merchant_id, provider_payment_id, amount, currency, origin, method, reason, merchant_store_id, status, created_at, ended_at)
      select replace(a.id, 'pa_', 're_'), a.id, intent_id, a.merchant_id, provider_payment_id, a.amount, a.currency, 'merchant', 'provider',
             'other', merchant_store_id, 'succeeded', now(), now()
      from payment_attempts as a join payment_intents as i on i.id = intent_id where a.status = 'succeeded' limit 5000`);
    await client.query(`
      insert into merchant_logos (merchant_id, url, hash, type, content, fetched_at)
      select id, 'https://shop.example/' || id, encode(sha256(id::bytea), 'hex'), 'image/png', sha256(id::bytea), now() from merchants`);
    await client.query(`
      insert into provider_calls (object_id, operation, outcome, code, provider, calls, first_at, last_at, last_ms)
      select id, 'createCode', 'http_2xx', 'SUCCESS', 'PAYPAY', 1, now(), now(), 9 from payment_attempts;
      insert into payment_minutes
      select date_trunc('minute', now()) - n * interval '1 minute', 3, 2, 2, now() from generate_series(60, 11500) n;
      insert into provider_minutes
      select now() - n * interval '1 minute', 'createCode', 1, 0, 9, 9, 1, 1, 1, 1 from generate_series(1, 11500) n`);
    await client.query(`
      insert into audit_log (position, created_at, actor_kind, actor_id, type, object_type, object_id, previous_hash, hash)
      select row_number() over (order by id), created_at, 'operator', 'op_1', 'payment.noted', 'payment_intent', id,
             repeat('0', 64), repeat('1', 64)
      from payment_intents;
      update audit_head set position = (select max(position) from audit_log), hash = repeat('1', 64)`);
    await client.query(fillRefunds());
    await client.query(fillWebhooks());
    await client.query(`
      update event_sequencer set
        horizon = pg_snapshot_xmax(pg_current_snapshot()), first_row_id = (select max(id) from payment_events)`);
    await client.query('vacuum (freeze, analyze)');
  } finally {
    await client.end();
  }
}

/** Records each statement that this process sends. @returns a function that stops it */
function watchStatements(): () => void {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first, second] = args;
    const config = (
      typeof first === 'string' ? { text: first, values: second } : first
    ) as Partial<pg.QueryConfig>;
    if (!NOT_PLANNED.test(config.text ?? '')) {
      const { text = '', values, name } = config;
      const isNamed = name !== undefined || statements.get(text)?.isNamed === true;
      statements.set(text, { text, values: Array.isArray(values) ? values : [], isNamed });
    }
    return Reflect.apply(query, this, args);
  } as typeof query;
  return () => {
    pg.Client.prototype.query = query;
  };
}

/** Uses each operation of the contract in all its variants, and each worker. */
async function useEverything(): Promise<void> {
  const { request } = gateway;
  await request('GET', '/health');
  await request('GET', '/ready');
  await sync();
  await list();
  const sent = {
    method: 'GET',
    path: PATH,
    body: '',
    authorization: `HMAC-SHA256 ${merchant.apiKey}:1:${'0'.repeat(64)}`,
  };
  expect((await request('POST', '/v1/auth/explain', { body: sent })).status).toBe(200);
  const paid = await newIntent('plan-paid');
  // The same request again gets the stored response.
  expect(await newIntent('plan-paid')).toEqual(paid);
  expect((await gateway.confirm(paid, { 'Idempotency-Key': 'plan-confirm' })).status).toBe(200);
  for (const picture of ['qr.svg', 'qr.png']) {
    const url = `${gateway.url}${PATH}/${paid.id}/${picture}?payment_token=${paid.token}`;
    expect((await fetch(url)).status).toBe(200);
  }
  await gateway.runPasses();
  const [payment] = gateway.sandbox.ledger();
  await gateway.sandbox.pay({ merchantPaymentId: payment?.merchantPaymentId ?? '' });
  while ((await gateway.retrieve(paid)).body.status !== 'succeeded') {
    await gateway.runPasses();
  }
  expect((await request('GET', `${PATH}/${paid.id}`, { as: merchant })).status).toBe(200);
  const shown = await usePaymentPage();
  expect((await request('GET', `${PATH}/${shown.id}`, { as: merchant })).body.status).toBe('requires_action');
  // Without a store, the credentials are looked up for the merchant, whose stores have different ones.
  expect((await gateway.confirm(await newIntent(undefined, null))).status).toBe(400);
  const cancelled = await newIntent();
  await gateway.confirm(cancelled);
  const body = { payment_token: cancelled.token };
  expect((await request('POST', `${PATH}/${cancelled.id}/cancel`, { body })).status).toBe(200);
  const captured = await newIntent();
  const capture = { as: merchant, body: {}, headers: { 'Idempotency-Key': 'plan-capture' } };
  expect((await request('POST', `${PATH}/${captured.id}/capture`, capture)).status).toBe(200);
  const feed = await sequenceUntil(gateway, merchant);
  const types = await request('GET', '/v1/events?after=oldest&types=payment_intent.expired', {
    as: merchant,
  });
  expect(types.status).toBe(200);
  expect((await request('GET', `/v1/events/${feed.body.data[0].id}`, { as: merchant })).status).toBe(200);
  // The intent has ended, so its stream ends.
  const events = await fetch(`${gateway.url}${PATH}/${captured.id}/events?payment_token=${captured.token}`);
  expect(await events.text()).toContain('succeeded');
  await useWebhooks();
  await useRefunds(paid);
  await useReports();
  await useLimitedKeys(paid);
  await useOperatorLists();
  await gateway.runPasses();
}

/** The operator's lists of one merchant, of a day, and of everything. */
async function useOperatorLists(): Promise<void> {
  const { db } = gateway.deps;
  const { rows } = await database.db.raw(
    `select to_char(succeeded_at + interval '9 hours', 'YYYY-MM-DD') as day from payment_intents
     where succeeded_at < now() - interval '9 days' order by succeeded_at desc limit 1`,
  );
  const { day } = rows[0];
  const shop = { merchantId: MERCHANT, storeId: STORE };
  const filters: Partial<PaymentQuery>[] = [
    {},
    { merchantId: MERCHANT },
    shop,
    { merchantId: MERCHANT, status: 'succeeded' },
    { ...shop, status: 'cancelled' },
    { merchantId: MERCHANT, merchantRefId: 'order_plans' },
    { day },
    { day, merchantId: MERCHANT },
    { day, ...shop },
  ];
  const none = { merchantId: undefined, storeId: undefined, merchantRefId: undefined };
  for (const order of ['newest', 'oldest'] as const) {
    for (const filter of filters) {
      const query = { ...none, status: undefined, day: undefined, after: undefined, order, ...filter };
      const seen: string[] = [];
      for await (const { intent } of eachPayment(db, query, 10)) {
        seen.push(intent.id);
        // The third page is read too.
        if (seen.length > 20) {
          break;
        }
      }
      expect(seen.length, JSON.stringify(filter)).toBeGreaterThan(0);
    }
  }
  for (const status of [undefined, 'failed'] as const) {
    for (const merchantStoreId of [undefined, 'store_007']) {
      const refunds = { scope: scopeOfShop(MERCHANT), merchantStoreId, status };
      const [newest] = await listAnyRefunds(db, { ...refunds, after: undefined, limit: 20 });
      await listAnyRefunds(db, { ...refunds, after: newest?.refund.id, limit: 20 });
    }
  }
  await expect(findPaymentBy(db, '04613891571234567890', MERCHANT)).rejects.toThrow('There is no payment');
  await loadForConsole();
}

/** The page of a payment in the console, and the look-up of a refund that a form of it has made. */
async function loadForConsole(): Promise<void> {
  const { db } = gateway.deps;
  const [attempt] = await database.db('payment_attempts').orderBy('id').limit(1);
  const payment = await findPaymentInScope(db, EVERYTHING, attempt.intent_id);
  const { history } = await loadPayment(db, payment as Payment);
  expect(history.calls).toHaveLength(1);
  expect(await findRefundOfRequest(db, attempt.intent_id, 'none')).toBeUndefined();
}

/** Uses the page, its script, and its button. */
async function usePaymentPage(): Promise<{ id: string; token: string }> {
  const intent = await newIntent();
  const query = `payment_token=${intent.token}`;
  const headers = { Accept: 'text/html' };
  const page = await fetch(`${gateway.url}/pay/${intent.id}?${query}`, { headers });
  expect(page.status).toBe(200);
  const [script = ''] = /\/assets\/[^"]+/.exec(await page.text()) ?? [];
  expect((await fetch(`${gateway.url}${script}`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/logos/${'0'.repeat(64)}.png`)).status).toBe(404);
  const confirm = { method: 'POST', headers, redirect: 'manual' } as const;
  expect((await fetch(`${gateway.url}/pay/${intent.id}/confirm?${query}`, confirm)).status).toBe(303);
  return intent;
}

async function sync(): Promise<void> {
  const configs = [{ provider: 'PAYPAY', is_active: true, credentials: { merchant_id: 'paypay_plans' } }];
  const stores = [{ id: STORE, name: 'Store', payment_processor_configs: configs }];
  const branding = { display_name: 'Shop', logo_url: 'https://shop.example/logo.png' };
  const body = { merchants: [{ id: MERCHANT, name: 'Merchant', branding, stores }] };
  const headers = { 'Idempotency-Key': 'plan-sync' };
  const as = await gateway.newSyncKey();
  expect((await gateway.request('POST', '/v1/sync/merchants', { as, body, headers })).status).toBe(200);
}

/** Uses the endpoints of the merchant, and deliveries to them, in all variants. */
async function useWebhooks(): Promise<void> {
  const as = merchant;
  const send = async (method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await gateway.request(method, path, { as, headers, ...(body !== undefined && { body }) });
    expect([path, answer.status]).toEqual([path, method === 'DELETE' ? 204 : expect.toBeOneOf([200, 201])]);
    return answer.body;
  };
  const keyed = (key: string) => ({ 'Idempotency-Key': `plan-${key}` });
  const [{ id }] = await send('GET', ENDPOINTS);
  const body = { url: 'https://shop.example.com/', merchant_store_ids: [STORE] };
  const created = await send('POST', ENDPOINTS, body, keyed('endpoint'));
  const path = `${ENDPOINTS}/${id}`;
  await send('GET', path);
  await send('PATCH', path, {
    description: 'd',
    merchant_store_ids: [STORE],
    event_types: ['payment_intent.succeeded'],
  });
  const own = `${ENDPOINTS}/${created.id}`;
  await send('POST', `${own}/rotate_secret`, {}, keyed('rotate'));
  await send('POST', `${own}/ping`, undefined, keyed('ping'));
  const to = new Date(Date.now() + 60_000);
  const from = new Date(to.getTime() - 3_600_000);
  for (const only of ['failed', 'all']) {
    for (const more of [{}, { event_types: ['payment_intent.succeeded'] }]) {
      await send(
        'POST',
        `${path}/replay`,
        { from, to, only, ...more },
        keyed(`${only}-${Object.keys(more)}`),
      );
    }
  }
  const deliveries = await send('GET', `${path}/deliveries?limit=100`);
  for (const filter of ['status=failed', 'status=succeeded', 'event_type=payment_intent.succeeded']) {
    await send('GET', `${path}/deliveries?${filter}&starting_after=${deliveries[3].id}`);
    await send('GET', `${path}/deliveries?${filter}`);
  }
  await send('GET', `${DELIVERIES}/${deliveries[0].id}`);
  await send('POST', `${DELIVERIES}/${deliveries[0].id}/redeliver`, undefined, keyed('redeliver'));
  await send('DELETE', own);
  expect(await listNewestDeliveries(gateway.deps.db, MERCHANT, 50)).toHaveLength(50);
}

/** The figures of a day, of a merchant and of one of its stores. */
async function useReports(): Promise<void> {
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  for (const more of ['', '&store=store_007', '&group_by=store,terminal,method']) {
    const path = `${REPORT}?from=${day}&to=${day}${more}`;
    expect((await gateway.request('GET', path, { as: merchant })).status).toBe(200);
  }
}

/** Refunds of a paid intent, and lists with every filter, alone and in the usual combinations. */
async function useRefunds(paid: { id: string; token: string }): Promise<void> {
  const as = await newKeyWith(gateway, { ...merchant, merchantId: MERCHANT, storeId: STORE }, ['refunds']);
  const send = async (fields: object, headers = {}) => {
    const body = { payment_intent_id: paid.id, amount: 1, ...fields };
    const { status, body: refund } = await gateway.request('POST', REFUNDS, { as, body, headers });
    expect(status).toBe(201);
    return refund;
  };
  const refund = await send({ merchant_refund_ref_id: 'plan' }, { 'Idempotency-Key': 'plan-refund' });
  await gateway.runPasses('refunds');
  await send({});
  const receipt = `${gateway.url}/pay/${paid.id}?payment_token=${paid.token}`;
  expect((await fetch(receipt)).status).toBe(200);
  await gateway.sandbox.merchantConsole.refund({ merchantPaymentId: await attemptOf(paid.id), amount: 2 });
  await gateway.runPasses('refunds');
  expect((await gateway.request('GET', `${REFUNDS}/${refund.id}`, { as })).status).toBe(200);
  const { body } = await gateway.request('GET', `${REFUNDS}?limit=100&status=succeeded`, { as });
  const [newest, middle] = [body[10], body[50]];
  const filters = [
    '',
    `payment_intent_id=${middle.payment_intent_id}`,
    `payment_intent_id=${middle.payment_intent_id}&status=failed`,
    'merchant_store_id=store_007',
    'merchant_refund_ref_id=ref_77',
    'status=pending',
    'status=succeeded',
    'status=failed',
    'reason=fraudulent',
    'reason=requested_by_customer',
    'merchant_store_id=store_007&status=succeeded',
    'merchant_store_id=store_007&status=failed',
    'reason=fraudulent&status=succeeded',
    `created_from=${middle.created_at}`,
    `created_to=${middle.created_at}`,
    `created_from=${middle.created_at}&created_to=${newest.created_at}&status=succeeded`,
    `starting_after=${middle.id}`,
    `starting_after=${middle.id}&status=succeeded&merchant_store_id=store_007`,
  ];
  for (const filter of filters) {
    for (const limit of [20, 100]) {
      const path = `${REFUNDS}?limit=${limit}&${filter}`;
      expect((await gateway.request('GET', path, { as })).status).toBe(200);
    }
  }
}

/** Keys of one store and of two: every rule for stores, and the lists with the filters that change their plans. */
async function useLimitedKeys(paid: { id: string }): Promise<void> {
  const owner = { ...merchant, merchantId: MERCHANT, storeId: STORE };
  for (const storeIds of [[STORE], [STORE, 'store_002']]) {
    const as = await newLimitedKey(gateway, owner, { storeIds });
    const get = async (path: string) => {
      const { status, body } = await gateway.request('GET', path, { as });
      expect([path, status]).toEqual([path, 200]);
      return body;
    };
    const [newest] = await get(PATH);
    for (const filter of [
      'status=succeeded',
      'status=expired',
      `merchant_ref_id=${newest.merchant_ref_id}`,
    ]) {
      await get(`${PATH}?${filter}`);
      await get(`${PATH}?${filter}&limit=40&offset=10&starting_after=${newest.id}`);
    }
    await get(`${PATH}/${paid.id}`);
    const [refund] = await get(`${REFUNDS}?payment_intent_id=${paid.id}`);
    for (const filter of [
      '',
      'status=succeeded',
      'status=failed',
      'reason=fraudulent',
      `starting_after=${refund.id}`,
    ]) {
      await get(`${REFUNDS}?${filter}`);
    }
    await get(`${REFUNDS}/${refund.id}`);
    const events = await get('/v1/events?after=oldest');
    expect(events.has_more).toBe(true);
    await get(`/v1/events/${events.data[0].id}`);
    const [endpoint] = await get(ENDPOINTS);
    const [delivery] = await get(`${ENDPOINTS}/${endpoint.id}/deliveries`);
    await get(`${DELIVERIES}/${delivery.id}`);
    const period = { from: new Date(Date.now() - 3_600_000), to: new Date(), only: 'failed', dry_run: true };
    const replay = await gateway.request('POST', `${ENDPOINTS}/${endpoint.id}/replay`, { as, body: period });
    expect(replay.status).toBe(200);
    await gateway.deps.keyUses.flush();
    await gateway.deps.providerCalls.flush();
  }
}

async function attemptOf(intentId: string): Promise<string> {
  return (await database.db('payment_attempts').where({ intent_id: intentId }).first('id')).id;
}

/** Twenty thousand refunds of the merchant, and ten thousand pending ones, of which half are due. */
const fillRefunds = () => `
  insert into refunds (id, intent_id, merchant_id, amount, currency, origin, method, reason, merchant_store_id,
    merchant_refund_ref_id, status, failure_code, failure_message, created_at, ended_at)
  select 're_' || '${timeOf(5)}' || lpad(n::text, 16, '0'), intents.id, '${MERCHANT}', 1, 'JPY', 'merchant', 'cash',
    case when n % 500 = 0 then 'fraudulent' else 'requested_by_customer' end,
    'store_' || lpad((n % 100)::text, 3, '0'), 'ref_' || n, 'succeeded', null, null, now(), now()
  from generate_series(1, 20000) n
  join (select id, row_number() over (order by id) as number from payment_intents where merchant_id = '${MERCHANT}') as intents
    on number = n % (select count(*) from payment_intents where merchant_id = '${MERCHANT}') + 1;
  insert into refunds (id, attempt_id, intent_id, merchant_id, provider_payment_id, amount, currency, origin, method, reason,
    merchant_store_id, status, pending_reason, created_at, next_try_at)
  select 're_' || '${timeOf(4)}' || lpad(n::text, 16, '0'), attempt.id, intent_id, '${MERCHANT}', provider_payment_id, 1, 'JPY',
    'merchant', 'provider', 'other', 'store_000', 'pending', 'provider_processing', now(),
    now() + n % 2 * interval '10 minutes' - interval '1 minute'
  from generate_series(1, 10000) n
  join (select *, row_number() over () - 1 as number from payment_attempts where status = 'succeeded') as attempt
    on number = n % (select count(*) from payment_attempts where status = 'succeeded')`;

/** The time in an id, so many hours ago. */
function timeOf(hoursAgo: number): string {
  return firstIdAt('evt', new Date(Date.now() - hoursAgo * 3_600_000)).slice(4, 14);
}

/** The partition of today, as the gateway names it. */
const TODAY = `events_${new Date().toISOString().slice(0, 10).replaceAll('-', '_')}`;

/** Fills the tables of events and webhooks: a thousand merchants, of which one has twenty thousand deliveries. */
const fillWebhooks = () => `
  create table ${TODAY} partition of events for values from (current_date) to (current_date + 1);
  update event_sequencer set position = 40000;
  insert into webhook_endpoints (id, merchant_id, url, ordering, signature, status, secrets, created_at, updated_at)
  select 'we_' || lpad(n::text, 26, '0'), id, 'https://example.com/', 'per_payment_intent', 'hmac', 'enabled', '\\x00', now(), now()
  from (select id, row_number() over (order by id <> '${MERCHANT}', id) as n from merchants) as numbered;
  insert into events (position, day, id, merchant_id, merchant_store_id, type, object_id, body)
  select n, current_date, event_id, case when n % 2 = 0 then '${MERCHANT}' else 'other_' || n % 1000 end, '${STORE}',
         'payment_intent.succeeded', 'pi_' || n,
         json_build_object('id', event_id, 'type', 'payment_intent.succeeded', 'timestamp', '2026-01-15T10:00:00Z',
                           'api_version', 'v1', 'data', json_build_object())
  from generate_series(1, 40000) n,
       lateral (select 'evt_' || case when n > 39950 then '${timeOf(0)}' else '${timeOf(3)}' end || lpad(n::text, 16, '0') as event_id) as named;
  insert into webhook_deliveries (
    id, endpoint_id, merchant_id, merchant_store_id, event_id, position, event_type, object_id, is_ordered, status, next_try_at, created_at, ended_at)
  select 'wd_' || '${timeOf(0)}' || lpad(position::text, 16, '0'), webhook_endpoints.id, events.merchant_id, events.merchant_store_id, events.id, position, type,
         case chosen.status when 'pending' then 'pi_' || position % 40 else object_id end, true, chosen.status, case chosen.status when 'pending' then now() + interval '1 day' end, now(), case chosen.status when 'pending' then null else now() end
  from events
  join webhook_endpoints using (merchant_id)
  cross join lateral (
    select case when position % 50 = 2 then 'failed' when position % 50 = 4 then 'pending' else 'succeeded' end as status
  ) as chosen`;

async function newIntent(
  idempotencyKey?: string,
  storeId: string | null = STORE,
): Promise<{ id: string; token: string }> {
  const body = {
    amount: 1000,
    currency: 'JPY',
    payment_method_types: ['qr_mpm', 'cash'],
    merchant_ref_id: 'order_plans',
    ...(storeId !== null && { merchant_store_id: storeId }),
  };
  const headers: Record<string, string> = idempotencyKey ? { 'Idempotency-Key': idempotencyKey } : {};
  const answer = await gateway.request('POST', PATH, { as: merchant, body, headers });
  expect(answer.status).toBe(201);
  return { id: answer.body.id, token: answer.body.payment_token };
}

/** Lists with every filter, alone and in the usual combinations. */
async function list(): Promise<void> {
  const { body } = await gateway.request('GET', `${PATH}?limit=100`, { as: merchant });
  const [newest, middle] = [body[0], body[50]];
  const paid = body.find((intent: { status: string }) => intent.status === 'succeeded').provider_payment_id;
  const filters = [
    '',
    `merchant_store_id=${STORE}`,
    'status=succeeded',
    'status=requires_action',
    'status=requires_payment_method',
    `merchant_store_id=${STORE}&status=succeeded`,
    `merchant_store_id=${STORE}&status=requires_payment_method`,
    `merchant_store_id=${STORE}&status=expired`,
    `merchant_ref_id=${newest.merchant_ref_id}`,
    `merchant_ref_id=${newest.merchant_ref_id}&status=cancelled`,
    `provider_payment_id=${paid}`,
    `provider_payment_id=${paid}&status=succeeded&merchant_store_id=${STORE}`,
    `created_from=${middle.created_at}`,
    `created_to=${middle.created_at}`,
    `created_from=${middle.created_at}&created_to=${newest.created_at}`,
    `created_from=${middle.created_at}&created_to=${newest.created_at}&status=expired`,
    `starting_after=${middle.id}`,
    `starting_after=${middle.id}&merchant_store_id=${STORE}`,
    `starting_after=${middle.id}&status=succeeded&merchant_store_id=${STORE}`,
    'offset=40',
  ];
  for (const filter of filters) {
    for (const limit of [20, 100]) {
      const path = `${PATH}?limit=${limit}&${filter}`;
      expect((await gateway.request('GET', path, { as: merchant })).status).toBe(200);
    }
  }
}

async function explain({ text, values }: Statement): Promise<PlanNode> {
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    await client.query('begin');
    return await client.query(`explain (analyze, buffers, format json) ${text}`, values).then(
      ({ rows }) => rows[0]['QUERY PLAN'][0].Plan,
      async () => {
        // An insert of an existing row cannot run again, but it can be planned.
        await client.query('rollback');
        const { rows } = await client.query(`explain (format json) ${text}`, values);
        return rows[0]['QUERY PLAN'][0].Plan;
      },
    );
  } finally {
    await client.end();
  }
}

/** The plan of a prepared statement, made without values; undefined before PostgreSQL 16. */
async function explainGeneric({ text }: Statement): Promise<PlanNode | undefined> {
  const { rows: versions } = await database.db.raw('show server_version_num');
  if (Number(versions[0].server_version_num) < 160_000) {
    return undefined;
  }
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    const { rows } = await client.query(`explain (generic_plan, format json) ${text}`);
    return rows[0]['QUERY PLAN'][0].Plan;
  } finally {
    await client.end();
  }
}

function faultsOf(plan: PlanNode): string[] {
  const nodes = nodesOf(plan);
  const blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
  return [
    ...nodes.flatMap((node) => faultsOfNode(node)),
    ...(blocks > MAX_BLOCKS ? [`touches ${blocks} blocks`] : []),
  ];
}

function faultsOfNode(node: PlanNode): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Plan Rows': rows } = node;
  const removed = node['Rows Removed by Filter'] ?? 0;
  return [
    ...(type === 'Seq Scan' && table !== undefined && !SMALL_TABLES.has(table)
      ? [`reads all of ${table}`]
      : []),
    ...(type === 'Sort' && rows > MAX_ROWS && !isWindow(node) ? [`sorts ${rows} rows`] : []),
    ...(type === 'Bitmap Heap Scan' && rows > MAX_ROWS ? [`collects ${rows} rows of ${table}`] : []),
    ...(removed > MAX_ROWS ? [`discards ${removed} rows of ${table}`] : []),
  ];
}

/** The sequencer sorts the rows of one window by their ids. */
function isWindow(node: PlanNode): boolean {
  return nodesOf(node).some((inner) => inner['Index Name'] === 'payment_events_by_xact');
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

describe('every statement of a request or a worker', () => {
  it('was recorded while each operation of the contract ran', () => {
    const operations = Object.values(contract.paths ?? {})
      .flatMap((path) => Object.values(path ?? {}))
      .flatMap((operation) =>
        typeof operation === 'object' && operation !== null && 'operationId' in operation
          ? [String(operation.operationId)]
          : [],
      );
    const log = gateway.logLines.join('\n');
    expect(operations.length).toBeGreaterThan(8);
    expect(operations.filter((id) => !log.includes(`"${id}"`))).toEqual([]);
    const texts = [...statements.keys()].join('\n');
    for (const table of ['payment_intents', 'payment_attempts', 'payment_events', 'idempotency_keys']) {
      expect(texts).toContain(table);
    }
  });

  it('finds its rows by an index, sorts few rows and discards few', async () => {
    const faults: string[] = [];
    for (const statement of statements.values()) {
      for (const fault of faultsOf(await explain(statement))) {
        faults.push(`${fault}: ${statement.text}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('does so too when it is prepared and planned without values', async () => {
    const faults: string[] = [];
    const named = [...statements.values()].filter(({ isNamed }) => isNamed);
    expect(named.length).toBeGreaterThan(3);
    for (const statement of named) {
      const plan = await explainGeneric(statement);
      for (const fault of plan ? faultsOf(plan) : []) {
        faults.push(`${fault}: ${statement.text}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('is checked by rules that find a full scan, a large sort, and many discarded rows', async () => {
    const bad = [
      'select count(*) from payment_intents where description = $1',
      'select id from payment_intents where merchant_id = $1 order by amount limit 20',
      // Served by the primary key, which also reads the rows of all other merchants.
      'select * from payment_intents where merchant_id = $1 order by id desc limit 100',
    ];
    for (const text of bad) {
      expect(faultsOf(await explain({ text, values: [MERCHANT], isNamed: false })), text).not.toEqual([]);
    }
  });
});
