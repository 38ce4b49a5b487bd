/**
 * The start page of the console: today's figures of the operator's shops, and what needs somebody.
 */
import { type Grant, type OperatorScope, scopeOf } from '../../../domain/operators/grants.ts';
import { addDays, localDayOf, startOfDay } from '../../../lib/date-time.ts';
import { firstIdAt } from '../../../lib/ids.ts';
import type { Db } from '../../../store/db/query.ts';
import { countOrphanedWebhooks } from '../../../store/inbox/orphaned-webhooks.ts';
import { countFailedRefunds, countPendingRefunds } from '../../../store/operator/refunds.ts';
import { listTroubledEndpoints } from '../../../store/operator/search.ts';
import { listPayments, type OperatorPayment, type StatusSum, sumPayments } from './list-payments.ts';

const ZONE = 'Asia/Tokyo';
const NEWEST = 8;
/** PayPay completes most refunds within minutes. */
const LONG_PENDING_MS = 3_600_000;
/** A failed refund is shown so long. */
const FAILED_DAYS = 7;
const MAX_ENDPOINTS = 10;

export interface Overview {
  /** Today in Japan. */
  readonly day: string;
  /** Of what was created today. */
  readonly created: readonly StatusSum[];
  /** Of what was paid today. */
  readonly paid: readonly StatusSum[];
  readonly refunds: { readonly pending: number; readonly old: number; readonly failed: number };
  readonly endpoints: Awaited<ReturnType<typeof listTroubledEndpoints>>;
  /** Webhooks about payments that the gateway does not know; undefined: the operator may not see them. */
  readonly orphaned: number | undefined;
  readonly newest: readonly OperatorPayment[];
}

/** @param scope where the operator may read payments */
export async function showOverview(
  db: Db,
  grants: readonly Grant[],
  scope: OperatorScope,
  now: Date,
): Promise<Overview> {
  const day = localDayOf(now, ZONE);
  const today = { from: startOfDay(day, ZONE), to: startOfDay(addDays(day, 1), ZONE) };
  const filter = { scope, status: undefined, method: undefined };
  const endpoints = scopeOf(grants, 'endpoints:read');
  const mayReadInbox = scopeOf(grants, 'inbox:read')?.kind === 'everything';
  const failedFrom = firstIdAt('re', startOfDay(addDays(day, -FAILED_DAYS), ZONE));
  const [created, paid, pending, failed, troubled, orphaned, newest] = await Promise.all([
    sumPayments(db, { ...filter, period: { by: 'created', ...today } }),
    sumPayments(db, { ...filter, period: { by: 'paid', ...today } }),
    countPendingRefunds(db, scope, new Date(now.getTime() - LONG_PENDING_MS)),
    countFailedRefunds(db, scope, failedFrom),
    endpoints ? listTroubledEndpoints(db, endpoints, MAX_ENDPOINTS) : [],
    mayReadInbox ? countOrphanedWebhooks(db) : undefined,
    listPayments(db, { ...filter, period: undefined }, undefined, NEWEST),
  ]);
  return {
    day,
    created,
    paid,
    refunds: { ...pending, failed },
    endpoints: troubled,
    orphaned,
    newest: newest.payments,
  };
}
