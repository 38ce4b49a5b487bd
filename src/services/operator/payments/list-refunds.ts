/**
 * The console's list of refunds, a page at a time.
 */
import type { OperatorScope } from '../../../domain/operators/grants.ts';
import type { RefundStatus } from '../../../domain/refunds/refund.ts';
import { firstIdAt, isId } from '../../../lib/ids.ts';
import type { Db } from '../../../store/db/query.ts';
import { listAnyRefunds, type OperatorRefund } from '../../../store/operator/refunds.ts';

export type { OperatorRefund };

export interface RefundPage {
  readonly refunds: readonly OperatorRefund[];
  /** The id of the refund after which the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

/** Refunds of a page. */
const SHOWN = 50;

/** A page of the refunds that were created in a period, or at any time; newest first. */
export async function listRefunds(
  db: Db,
  filter: {
    readonly scope: OperatorScope;
    readonly status: RefundStatus | undefined;
    readonly period: { readonly from: Date; readonly to: Date } | undefined;
  },
  after: string | undefined,
): Promise<RefundPage> {
  const { scope, status, period } = filter;
  const found = await listAnyRefunds(db, {
    scope,
    status,
    idFrom: period && firstIdAt('re', period.from),
    idBelow: period && firstIdAt('re', period.to),
    after: after !== undefined && isId('re', after) ? after : undefined,
    limit: SHOWN + 1,
  });
  const refunds = found.slice(0, SHOWN);
  return { refunds, next: found.length > SHOWN ? refunds.at(-1)?.refund.id : undefined };
}
