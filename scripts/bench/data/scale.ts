/**
 * Creates a database with any number of intents by set-based SQL: a year of payments, spread over merchants, stores,
 * statuses and days, with their attempts and events. Indexes other than primary keys are built afterwards, which is
 * many times faster.
 */
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { Bench } from '../bench.ts';
import { MERCHANTS, STORES } from './seeded.ts';

/** In addition to the benchmark's own merchants, each of which has as many payments as about fifty of these. */
const OTHER_MERCHANTS = 1_000;
const OWN_SHARE_PERCENT = 30;
/** More than the cores of a small machine, so that these are busy while a client waits for the disk. */
const CLIENTS = 4;
const CHUNK = 250_000;
const PROGRESS_EVERY = 1_000_000;
const DONE = 'seeded';

/** Returns the URL of a database with that many intents, which is created if necessary. */
export async function ensureScale(bench: Bench, intents: number): Promise<string> {
  const name = `scale_${intents}`;
  // An "empty" database contains what earlier runs created in it, and an unfinished one has no indexes.
  if (intents > 0 && (await isDone(await bench.database(name), name))) {
    return bench.database(name);
  }
  const url = await bench.emptyDatabase(name);
  const clients = Array.from({ length: CLIENTS }, () => new pg.Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    bench.rounds.progress(`creating ${intents.toLocaleString('en-US')} intents`);
    const startedAt = performance.now();
    await fillFast(clients, intents, bench.rounds.progress);
    await clients[0]?.query(`comment on database ${name} is '${DONE}'`);
    bench.rounds.progress(`created in ${Math.round((performance.now() - startedAt) / 1000)} s`);
    return url;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function isDone(url: string, name: string): Promise<boolean> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query(
      `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
      [name],
    );
    return rows[0]?.comment === DONE;
  } finally {
    await client.end();
  }
}

type Progress = (text: string) => void;

/** Fills the database with durability and constraint checks disabled, which an unfinished database does not need. */
export async function fillFast(
  clients: readonly pg.Client[],
  intents: number,
  progress: Progress,
): Promise<void> {
  const [first] = clients;
  for (const client of clients) {
    for (const statement of FAST_SESSION) {
      await client.query(statement);
    }
  }
  for (const statement of FAST_SERVER) {
    await first?.query(statement);
  }
  try {
    await fillWithPayments(clients, intents, progress);
  } finally {
    for (const statement of RESET_SERVER) {
      await first?.query(statement);
    }
  }
}

/**
 * Fills an empty, migrated database with merchants and that many payments, then vacuums and analyzes it. The clients
 * share the work.
 */
export async function fillWithPayments(
  clients: readonly pg.Client[],
  intents: number,
  progress: Progress,
): Promise<void> {
  const [first] = clients;
  if (!first) {
    throw new Error('filling a database needs at least one client');
  }
  const indexes = await dropIndexes(first);
  await first.query(MERCHANTS_AND_STORES);
  const { rows } = await first.query(`select now() - interval '1 minute' as newest_at`);
  const chunks = Array.from({ length: Math.ceil(intents / CHUNK) }, (_, chunk) => 1 + chunk * CHUNK);
  await share(clients, chunks, async (client, from) => {
    const to = Math.min(from + CHUNK - 1, intents);
    await client.query(PAYMENTS, [from, to, intents, rows[0].newest_at]);
    if (to % PROGRESS_EVERY === 0) {
      progress(`${to.toLocaleString('en-US')} intents`);
    }
  });
  progress('indexes');
  await share(clients, indexes, async (client, index) => void (await client.query(index)));
  progress('vacuum');
  await share(clients, TABLES, async (client, table) => void (await client.query(`${VACUUM} ${table}`)));
}

/** Processes all items; each client takes the next one when it is free. */
async function share<Item>(
  clients: readonly pg.Client[],
  items: readonly Item[],
  work: (client: pg.Client, item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const runClient = async (client: pg.Client) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await work(client, item);
    }
  };
  await Promise.all(clients.map(runClient));
}

/** Drops all indexes that do not implement a constraint; returns the statements that recreate them. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid in ('payment_intents'::regclass, 'payment_attempts'::regclass, 'payment_events'::regclass)
       and not exists (select from pg_constraint where conindid = indexrelid)`,
  );
  for (const { name } of rows) {
    await client.query(`drop index ${name}`);
  }
  return rows.map(({ definition }) => definition);
}

const TABLES = [
  'payment_events',
  'payment_intents',
  'payment_attempts',
  'refunds',
  'payment_processor_configs',
  'stores',
  'merchants',
];
const VACUUM = 'vacuum (freeze, analyze)';

/** Foreign keys hold by construction and need no checks; the data need not survive a crash. */
const FAST_SESSION = [
  'set session_replication_role = replica',
  'set synchronous_commit = off',
  `set maintenance_work_mem = '512MB'`,
  `set work_mem = '64MB'`,
];
const FAST_SERVER = [
  `alter system set max_wal_size = '16GB'`,
  'alter system set autovacuum = off',
  'select pg_reload_conf()',
];
const RESET_SERVER = [
  'alter system reset max_wal_size',
  'alter system reset autovacuum',
  'select pg_reload_conf()',
  'checkpoint',
];

/** SQL: a ULID made of the milliseconds `ms` and a hash of the number `n`. */
const ULID = [
  ...Array.from(
    { length: 10 },
    (_, digit) => `substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + ((ms >> ${45 - 5 * digit}) & 31)::int, 1)`,
  ),
  'upper(left(md5(n::text), 16))',
].join(' || ');

const MERCHANTS_AND_STORES = `
  insert into merchants (id, name, created_at, updated_at)
  select id, id, now(), now() from (
    select unnest(array[${MERCHANTS.map((id) => `'${id}'`).join(', ')}]) as id
    union all select 'other_' || n from generate_series(1, ${OTHER_MERCHANTS}) n) ids;
  insert into stores (merchant_id, id, name, created_at, updated_at)
  select merchants.id, store, store, now(), now()
  from merchants, unnest(array[${STORES.map((id) => `'${id}'`).join(', ')}]) store`;

/**
 * Payments number $1 to $2 of $3, spread over the year before $4, with their attempts and events. The newest 0.1 % are
 * not paid yet.
 */
const PAYMENTS = `
  with numbers as (
    select n, abs(hashint8(n)::bigint) as hash, cast($4 as timestamptz) - interval '365 days' * (1 - n::float8 / $3) as at
    from generate_series(cast($1 as bigint), cast($2 as bigint)) n
  ), chosen as (
    select n, at, (extract(epoch from at) * 1000)::bigint as ms, 100 + n * 7919 % 50000 as amount,
           case when n % 3 = 0 then 'cash' else 'qr_mpm' end as method,
           case when hash % 100 < ${OWN_SHARE_PERCENT} then 'bench_' || 1 + hash / 100 % ${MERCHANTS.length}
                else 'other_' || 1 + hash / 100 % ${OTHER_MERCHANTS} end as merchant_id,
           case when n > $3 * 0.999 then 'requires_payment_method'
                when hash / 7 % 100 < 80 then 'succeeded'
                when hash / 7 % 100 < 90 then 'cancelled' else 'expired' end as status
    from numbers
  ), intents as (
    insert into payment_intents (
      id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, amount, currency,
      payment_method_types, status, payment_token_hash, payment_method_type, amount_captured, created_at, expires_at,
      succeeded_at, cancelled_at, expired_at)
    select 'pi_' || ${ULID}, merchant_id, 'store_00' || 1 + n / 7 % ${STORES.length}, 'terminal_' || n % 30,
           'order_' || n, 'Order #' || n, amount, 'JPY', array['qr_mpm', 'cash'], status, sha256(n::text::bytea),
           case when status = 'succeeded' then method end, case when status = 'succeeded' then amount end, at,
           case when status = 'requires_payment_method' then now() + interval '1 day' else at + interval '30 minutes' end,
           case when status = 'succeeded' then at + interval '40 seconds' end,
           case when status = 'cancelled' then at + interval '2 minutes' end,
           case when status = 'expired' then at + interval '30 minutes' end
    from chosen order by n
    returning id, merchant_id, amount, status, payment_method_type as method, created_at as at
  ), attempts as (
    insert into payment_attempts (
      id, intent_id, merchant_id, provider, provider_merchant_id, amount, currency, status, create_calls, code_id,
      qr_content, code_expires_at, provider_payment_id, paid_at, created_at, ended_at, checked_at, checks)
    select replace(id, 'pi_', 'pa_'), id, merchant_id, 'PAYPAY', 'paypay_bench', amount, 'JPY',
           case when status = 'succeeded' then 'succeeded' else 'lapsed' end, 1, '04-' || right(id, 16),
           'https://qr.paypay.ne.jp/28180104' || right(id, 16), at + interval '5 minutes',
           case when status = 'succeeded' then right(id, 18) end,
           case when status = 'succeeded' then at + interval '40 seconds' end, at + interval '3 seconds',
           case when status = 'succeeded' then at + interval '40 seconds' else at + interval '6 minutes' end,
           at + interval '40 seconds', 3
    from intents where method = 'qr_mpm' or status = 'expired'
    returning id, intent_id, status, created_at, ended_at
  )
  insert into payment_events (intent_id, type, actor, created_at)
  select id, 'created', 'api_key:ak_seeded', at from intents
  union all select intent_id, 'code_created', 'payer', created_at from attempts
  union all select intent_id, status, 'webhook', ended_at from attempts`;
