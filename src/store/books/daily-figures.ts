/**
 * The figures of days: what was paid and what was refunded, added up by the database.
 */
import { type Db, query } from '../db/query.ts';
import { DEFAULT_TIME_ZONE } from '../merchants.ts';

/** What the figures of a day can be divided by. */
export const DIVISIONS = ['store', 'terminal', 'method'] as const;
export type Division = (typeof DIVISIONS)[number];

export interface FiguresFilter {
  /** Undefined: of all merchants. */
  readonly merchantId: string | undefined;
  /** Undefined: all stores, and what belongs to none. */
  readonly storeIds: readonly string[] | undefined;
  /** Days in the time zone of the store, such as `2026-01-15`; both inclusive. */
  readonly from: string;
  readonly to: string;
  /** In which these days lie somewhere on Earth: `spanFrom` inclusive, `spanTo` exclusive. */
  readonly spanFrom: Date;
  readonly spanTo: Date;
  readonly divisions: readonly Division[];
  readonly limit: number;
}

/** Of one day, merchant and currency, and of one part of each division. Amounts are in the smallest unit of the currency. */
export interface DailyFigures {
  readonly day: string;
  readonly merchantId: string;
  /** Undefined: not divided by stores, or of no store; and so on. */
  readonly storeId: string | undefined;
  readonly terminalId: string | undefined;
  readonly method: 'qr_mpm' | 'cash' | undefined;
  readonly currency: string;
  readonly payments: number;
  readonly captured: number;
  readonly refunds: number;
  readonly refunded: number;
}

interface FiguresRow {
  readonly day: string;
  readonly merchant_id: string;
  readonly store_id: string | null;
  readonly terminal_id: string | null;
  readonly method: 'qr_mpm' | 'cash' | null;
  readonly currency: string;
  readonly payments: number;
  readonly captured: number;
  readonly refunds: number;
  readonly refunded: number;
}

/**
 * A payment counts on the day on which it succeeded, a refund on that on which it succeeded, in the time zone of the store. The
 * gateway's own refunds are left out: they return money that no payment has counted. Money returned in cash counts as cash,
 * whatever the payment was.
 */
export async function listDailyFigures(db: Db, filter: FiguresFilter): Promise<DailyFigures[]> {
  const rows = await query<FiguresRow>(
    db,
    `select day, merchant_id, store_id, terminal_id, method, currency,
            cast(sum(payments) as bigint) as payments, cast(sum(captured) as bigint) as captured,
            cast(sum(refunds) as bigint) as refunds, cast(sum(refunded) as bigint) as refunded
     from (${paidSql(filter)} union all ${refundedSql(filter)}) as figures
     where day between :from and :to
     group by day, merchant_id, store_id, terminal_id, method, currency
     order by day, merchant_id, store_id nulls last, terminal_id nulls last, method nulls last, currency
     limit :limit`,
    bindingsOf(filter),
  );
  return rows.map((row) => ({
    day: row.day,
    merchantId: row.merchant_id,
    storeId: row.store_id ?? undefined,
    terminalId: row.terminal_id ?? undefined,
    method: row.method ?? undefined,
    currency: row.currency,
    payments: row.payments,
    captured: row.captured,
    refunds: row.refunds,
    refunded: row.refunded,
  }));
}

function paidSql(filter: FiguresFilter): string {
  const parts = partsBy(filter, {
    store: 'i.merchant_store_id',
    terminal: 'i.merchant_terminal_id',
    method: 'i.payment_method_type',
  });
  return `select ${dayOf('i.succeeded_at')} as day, i.merchant_id, ${parts}, i.currency,
      1 as payments, i.amount_captured as captured, 0 as refunds, 0 as refunded
    from payment_intents i ${storeOf('i')}
    where i.succeeded_at >= :spanFrom and i.succeeded_at < :spanTo ${ownerIn(filter, 'i')}`;
}

function refundedSql(filter: FiguresFilter): string {
  const parts = partsBy(filter, {
    store: 'r.merchant_store_id',
    terminal: 'coalesce(r.merchant_terminal_id, i.merchant_terminal_id)',
    method: "case r.method when 'cash' then 'cash' else i.payment_method_type end",
  });
  return `select ${dayOf('r.ended_at')} as day, r.merchant_id, ${parts}, r.currency,
      0 as payments, 0 as captured, 1 as refunds, r.amount as refunded
    from refunds r join payment_intents i on i.id = r.intent_id ${storeOf('r')}
    where r.status = 'succeeded' and r.origin <> 'gateway'
      and r.ended_at >= :spanFrom and r.ended_at < :spanTo ${ownerIn(filter, 'r')}`;
}

function dayOf(column: string): string {
  return `to_char(${column} at time zone coalesce(s.time_zone, :defaultTimeZone), 'YYYY-MM-DD')`;
}

function storeOf(alias: string): string {
  return `left join stores s on s.merchant_id = ${alias}.merchant_id and s.id = ${alias}.merchant_store_id`;
}

function ownerIn({ merchantId, storeIds }: FiguresFilter, alias: string): string {
  const merchant = merchantId === undefined ? '' : `and ${alias}.merchant_id = :merchantId`;
  return storeIds === undefined
    ? merchant
    : `${merchant} and ${alias}.merchant_store_id = any(cast(:storeIds as text[]))`;
}

function partsBy({ divisions }: FiguresFilter, columns: Readonly<Record<Division, string>>): string {
  const part = (division: Division) =>
    `${divisions.includes(division) ? columns[division] : 'cast(null as text)'} as ${division === 'method' ? 'method' : `${division}_id`}`;
  return DIVISIONS.map(part).join(', ');
}

function bindingsOf({ merchantId, storeIds, from, to, spanFrom, spanTo, limit }: FiguresFilter) {
  return {
    from,
    to,
    spanFrom,
    spanTo,
    limit,
    defaultTimeZone: DEFAULT_TIME_ZONE,
    ...(merchantId !== undefined && { merchantId }),
    ...(storeIds !== undefined && { storeIds }),
  };
}
