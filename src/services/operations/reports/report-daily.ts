/**
 * reportDaily: what was paid and what was refunded on each day, and in all, for whoever closes the day.
 */
import { invalidField } from '../../../domain/errors.ts';
import { parseDay, spanOfDay } from '../../../lib/date-time.ts';
import {
  type DailyFigures,
  DIVISIONS,
  type Division,
  listDailyFigures,
} from '../../../store/books/daily-figures.ts';
import type { ServiceDeps } from '../../deps.ts';
import { storesToList } from '../../keys/list-stores.ts';

export interface ReportDaily {
  /** Undefined: of all merchants, for operators. */
  readonly merchantId: string | undefined;
  /** The stores that the key is limited to; undefined: no limit. */
  readonly storeIds: readonly string[] | undefined;
  readonly merchantStoreId: string | undefined;
  /** Such as `2026-01-15`; both inclusive. */
  readonly from: string;
  readonly to: string;
  /** Names of divisions, separated by commas. */
  readonly groupBy: string | undefined;
}

/** The figures of one currency over all days. */
export type Totals = Pick<DailyFigures, 'currency' | 'payments' | 'captured' | 'refunds' | 'refunded'>;

export interface DailyReport {
  readonly divisions: readonly Division[];
  readonly rows: readonly DailyFigures[];
  readonly totals: readonly Totals[];
}

const MAX_DAYS = 31;
const MAX_ROWS = 10_000;
const DAY_MS = 86_400_000;

/** @throws invalid_request (from, to, group_by) */
export async function reportDaily(
  { db }: Pick<ServiceDeps, 'db'>,
  { merchantId, storeIds, merchantStoreId, from, to, groupBy }: ReportDaily,
): Promise<DailyReport> {
  requirePeriod(from, to);
  const divisions = readDivisions(groupBy);
  const stores = storesToList(merchantStoreId, storeIds);
  if (stores?.length === 0) {
    return { divisions, rows: [], totals: [] };
  }
  const rows = await listDailyFigures(db, {
    merchantId,
    storeIds: stores,
    from,
    to,
    spanFrom: spanOfDay(from).from,
    spanTo: spanOfDay(to).to,
    divisions,
    limit: MAX_ROWS + 1,
  });
  if (rows.length > MAX_ROWS) {
    const message = `The report would have more than ${MAX_ROWS} rows; ask for fewer days, or for one store`;
    throw invalidField('to', 'max_items', message);
  }
  return { divisions, rows, totals: totalsOf(rows) };
}

function requirePeriod(from: string, to: string): void {
  for (const [field, day] of Object.entries({ from, to })) {
    if (parseDay(day) === undefined) {
      throw invalidField(field, 'unknown_day', `There is no day ${day}`);
    }
  }
  if (to < from) {
    throw invalidField('to', 'before_from', 'to must not be before from');
  }
  if (Date.parse(to) - Date.parse(from) >= MAX_DAYS * DAY_MS) {
    throw invalidField('to', 'max_days', `A report covers at most ${MAX_DAYS} days; ask for fewer`);
  }
}

/** In one order, whatever the order of the names. */
function readDivisions(groupBy: string | undefined): Division[] {
  const names = groupBy?.split(',') ?? [];
  const unknown = names.find((name) => !(DIVISIONS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    const message = `group_by takes some of ${DIVISIONS.join(', ')}, separated by commas`;
    throw invalidField('group_by', 'unknown_division', message, { allowed: [...DIVISIONS] });
  }
  return DIVISIONS.filter((division) => names.includes(division));
}

/** By currency, in the order of their codes. */
export function totalsOf(rows: readonly DailyFigures[]): Totals[] {
  const totals = new Map<string, Totals>();
  for (const { currency, payments, captured, refunds, refunded } of rows) {
    const sum = totals.get(currency) ?? { currency, payments: 0, captured: 0, refunds: 0, refunded: 0 };
    totals.set(currency, {
      currency,
      payments: sum.payments + payments,
      captured: sum.captured + captured,
      refunds: sum.refunds + refunds,
      refunded: sum.refunded + refunded,
    });
  }
  return [...totals.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
