/**
 * The statements of the console's lists, searches and sums never read a large table from end to end, whatever the scope. They are
 * recorded on their way to the database, as pages are requested.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillWithPayments } from '../../../scripts/bench/data/scale.ts';
import type { Grant } from '../../../src/domain/operators/grants.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const PAYMENTS = 30_000;
const LARGE = new Set([
  'payment_intents',
  'payment_attempts',
  'payment_events',
  'refunds',
  'events',
  'webhook_deliveries',
  'provider_webhooks',
  'audit_log',
  'merchant_events',
]);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

let database: TestDatabase;
let gateway: TestGateway;
let console: TestConsole;
let stopRecording: () => void;
const statements = new Map<string, Statement>();

beforeAll(async () => {
  stopRecording = recordStatements();
  database = await createTestDatabase();
  await seed(database.url);
  gateway = await startTestGateway({ database });
  console = await startTestConsole(gateway.deps);
}, 120_000);

afterAll(async () => {
  stopRecording();
  await console.close();
  await gateway.close();
  await database.drop();
});

function recordStatements(): () => void {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first] = args;
    const { text, values } = (typeof first === 'string' ? { text: first } : first) as Partial<pg.QueryConfig>;
    if (text !== undefined && /^\s*(with|select|\()/i.test(text)) {
      statements.set(text, { text, values: values ?? [] });
    }
    return Reflect.apply(query, this, args);
  } as typeof query;
  return () => {
    pg.Client.prototype.query = query;
  };
}

async function seed(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await fillWithPayments([client], PAYMENTS, () => undefined);
    await client.query(`
      insert into refunds (id, attempt_id, intent_id, merchant_id, provider_payment_id, amount, currency, origin, method, reason, merchant_store_id, status, failure_code, failure_message, created_at, ended_at)
      select replace(a.id, 'pa_', 're_'), a.id, intent_id, a.merchant_id, provider_payment_id, a.amount, a.currency, 'merchant', 'provider',
             'other', merchant_store_id, case when failed then 'failed' else 'succeeded' end,
             case when failed then 'refused' end, case when failed then 'refused' end, a.created_at, now()
      from payment_attempts as a join payment_intents as i on i.id = intent_id
      cross join lateral (select abs(hashtext(a.id)) % 10 = 0 as failed) as chosen where a.status = 'succeeded'`);
    await client.query(`
      insert into audit_log (position, created_at, actor_kind, actor_id, type, object_type, object_id, request_id, previous_hash, hash)
      select n, date_trunc('milliseconds', now()), 'gateway', 'g', 'payment.noted', 'payment_intent', 'pi_' || n, 'req_' || n, repeat('0', 64), repeat('0', 64)
      from generate_series(1, 10000) n;
      update audit_head set position = 10000;
      insert into merchant_events (merchant_id, field, upstream, request_id)
      select 'bench_1', 'name', 'u', 'req_' || n from generate_series(1, 10000) n;
      insert into provider_webhooks (provider, dedupe_key, type, body, status, received_at, processed_at)
      select 'PAYPAY', n, 'Transaction', '\\x00', 'processed', now(), now() from generate_series(1, 10000) n`);
    await client.query('vacuum (analyze)');
  } finally {
    await client.end();
  }
}

async function fullReadsOf({ text, values }: Statement): Promise<string[]> {
  const { rows } = await pgQuery(`explain (format json) ${text}`, values);
  const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan);
  return nodes
    .filter((node) => node['Node Type'] === 'Seq Scan' && LARGE.has(node['Relation Name'] ?? ''))
    .map((node) => `reads all of ${node['Relation Name']}: ${text}`);
}

async function pgQuery(text: string, values: readonly unknown[]) {
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    return await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

it('reads no large table from end to end for any list, search or sum', async () => {
  const { rows } = await database.db.raw(`
    select i.id, i.merchant_ref_id as reference, a.id as attempt, a.provider_payment_id as number, r.id as refund,
           i.amount, to_char(i.created_at at time zone 'Asia/Tokyo', 'YYYY-MM-DD') as day
    from refunds as r join payment_intents as i on i.id = r.intent_id join payment_attempts as a on a.id = r.attempt_id
    where i.merchant_id = 'bench_1' and i.merchant_store_id = 'store_001' order by i.id desc offset 3 limit 1`);
  const [{ id, reference, attempt, number, refund, amount, day }] = rows;
  const searches = [
    id,
    attempt,
    refund,
    number,
    reference,
    `${amount} ${day}`,
    'req_abcdefghijklmnopqrst',
    'bench_1',
  ];
  const lists = [
    '',
    'status=succeeded',
    'status=processing',
    'method=cash',
    `from=${day}`,
    `from=${day}&by=paid`,
  ];
  const days = `from=${day}&to=${day}`;
  const paths = [
    '/',
    ...searches.map((text) => `/search?q=${encodeURIComponent(text)}`),
    ...lists.map((query) => `/payments?${query}`),
    ...lists.map((query) => `/payments?${query}&after=${id}`),
    `/payments?${days}&status=succeeded&method=qr_mpm&by=paid`,
    `/payments/export?${days}`,
    '/refunds',
    `/refunds?status=failed&after=${refund}`,
    `/refunds?${days}&status=succeeded`,
  ];
  const owner = { merchantId: 'bench_1' };
  const grants: Partial<Grant>[][] = [
    [{}],
    [owner],
    [{ ...owner, storeId: 'store_001' }],
    [
      { ...owner, storeId: 'store_001' },
      { merchantId: 'bench_2' },
      { merchantId: 'bench_3', storeId: 'store_002' },
    ],
  ];
  for (const own of grants) {
    const client = await console.signIn(...own.map((grant) => ({ role: 'admin' as const, ...grant })));
    statements.clear();
    for (const path of paths) {
      const { status } = await client.get(path);
      expect([path, status]).toEqual([path, expect.toBeOneOf([200, 303])]);
    }
    expect(statements.size).toBeGreaterThan(15);
    const found = await Promise.all([...statements.values()].map(fullReadsOf));
    expect(found.flat()).toEqual([]);
  }
}, 120_000);
