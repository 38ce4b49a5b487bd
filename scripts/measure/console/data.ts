/**
 * A database for the measurement of the console: any number of payments of a year, with attempts and refunds; and values to search
 * for, drawn from all of it.
 */
import pg from 'pg';
import { connect } from '../../../src/store/db/knex.ts';
import { migrate } from '../../../src/store/db/migrate.ts';
import { fillFast } from '../../bench/data/scale.ts';

const CLIENTS = 2;
/** Of a hundred succeeded payments by QR, so many are refunded in part. */
const REFUNDED_PERCENT = 5;

export interface Sample {
  readonly id: string;
  readonly attemptId: string;
  readonly number: string;
  readonly refundId: string;
  readonly reference: string;
  readonly amount: number;
  readonly day: string;
  readonly merchantId: string;
  readonly storeId: string;
}

export async function fillForConsole(
  url: string,
  payments: number,
  progress: (text: string) => void,
): Promise<void> {
  const db = connect(url, { poolMax: 2 });
  await migrate(db);
  await db.destroy();
  const clients = Array.from({ length: CLIENTS }, () => new pg.Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    await fillFast(clients, payments, progress);
    progress('refunds');
    await clients[0]?.query(REFUNDS);
    await clients[0]?.query(
      // What was made here is not to be numbered: the console does not read it.
      `update event_sequencer set
         horizon = pg_snapshot_xmax(pg_current_snapshot()), first_row_id = (select max(id) from payment_events)`,
    );
    await clients[0]?.query(SHOP_NAMES);
    await clients[0]?.query('vacuum (analyze) refunds, payment_intents, stores, merchants');
    await clients[0]?.query('checkpoint');
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

const REFUNDS = `
  with refunded as (
    insert into refunds (id, attempt_id, intent_id, merchant_id, provider_payment_id, amount, currency, origin, method,
      reason, merchant_store_id, status, failure_code, failure_message, created_at, ended_at)
    select replace(a.id, 'pa_', 're_'), a.id, a.intent_id, a.merchant_id, a.provider_payment_id, a.amount / 2, a.currency,
      'merchant', 'provider', 'requested_by_customer', i.merchant_store_id,
      case when n % 20 = 0 then 'failed' else 'succeeded' end,
      case when n % 20 = 0 then 'provider_error' end, case when n % 20 = 0 then 'PayPay has refused the refund' end,
      a.ended_at, a.ended_at
    from (select *, abs(hashtext(id)::bigint) as n from payment_attempts where status = 'succeeded') as a
    join payment_intents as i on i.id = a.intent_id where n / 20 % 100 < ${REFUNDED_PERCENT}
    returning intent_id, amount, status)
  update payment_intents as i set amount_refunded = refunded.amount
  from refunded where refunded.intent_id = i.id and refunded.status = 'succeeded'`;

const SHOP_NAMES = `
  update stores set name = case id when 'store_001' then '渋谷駅前店' when 'store_002' then '梅田店' else '店舗 ' || id end
    || ' ' || merchant_id;
  update merchants set name = '株式会社サンプル ' || id`;

/** Payments from all over the year that were paid by QR and refunded, so that each has every kind of id. */
export async function drawSamples(url: string, count: number): Promise<Sample[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<Sample>(
      `select i.id, a.id as "attemptId", a.provider_payment_id as number, r.id as "refundId", i.merchant_ref_id as reference,
              i.amount::int as amount, to_char(i.created_at at time zone 'Asia/Tokyo', 'YYYY-MM-DD') as day,
              i.merchant_id as "merchantId", i.merchant_store_id as "storeId"
       from refunds as r join payment_intents as i on i.id = r.intent_id join payment_attempts as a on a.id = r.attempt_id
       order by hashtext(r.id) limit $1`,
      [count],
    );
    return rows;
  } finally {
    await client.end();
  }
}

/** How often each large table was read from end to end, and each index used. */
export async function readScans(url: string): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; scans: number }>(
      `select relname || ' from end to end' as name, seq_scan::int as scans from pg_stat_user_tables
       where relname in ('payment_intents', 'payment_attempts', 'payment_events', 'refunds', 'audit_log')
       union all
       select indexrelname, idx_scan::int from pg_stat_user_indexes`,
    );
    return new Map(rows.map(({ name, scans }) => [name, scans]));
  } finally {
    await client.end();
  }
}
