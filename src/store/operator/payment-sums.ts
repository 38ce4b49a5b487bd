/**
 * Sums of payments, computed by the database: how many there are of each status, and their money.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';
import { isEmpty } from '../../domain/operators/scope.ts';
import type { PaymentIntentStatus } from '../../domain/payment.ts';
import type { IdBounds } from '../../lib/ids.ts';
import { type Db, query } from '../db/query.ts';
import { type PaymentFilter, paymentConditions } from './payments.ts';
import { all, eachShop, inScope, present, scopeBindings } from './scope.ts';

/** Of the payments of one status and currency; amounts in the smallest unit. */
export interface StatusSum {
  readonly currency: string;
  readonly status: PaymentIntentStatus;
  readonly count: number;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
}

const COLUMNS = 'currency, status, amount, amount_captured, amount_refunded';

/** Of the payments that were created within the bounds; each shop's part is found by an index of the shop and the id. */
export async function sumCreatedPayments(
  db: Db,
  { scope, ...filter }: PaymentFilter,
  bounds: Required<IdBounds>,
): Promise<StatusSum[]> {
  if (isEmpty(scope)) {
    return [];
  }
  const conditions = paymentConditions(filter);
  const rows =
    scope.kind === 'everything'
      ? `select ${COLUMNS} from payment_intents where ${all(...conditions)} and id >= :idFrom and id < :idBelow`
      : eachShop(
          scope,
          (ofShop) =>
            `select ${COLUMNS} from payment_intents where ${all(ofShop, ...conditions)}
             and id collate "C" >= :idFrom and id collate "C" < :idBelow`,
        );
  return sum(db, rows, scope, { ...filter, ...bounds });
}

/** Of the payments that were paid from `paidFrom` on and before `paidTo`. */
export async function sumPaidPayments(
  db: Db,
  { scope, ...filter }: PaymentFilter,
  period: { readonly paidFrom: Date; readonly paidTo: Date },
): Promise<StatusSum[]> {
  if (isEmpty(scope)) {
    return [];
  }
  const paid = 'succeeded_at >= :paidFrom and succeeded_at < :paidTo';
  const more = all(...paymentConditions(filter));
  // The index has the shops, so that the payments of others are not read.
  const rows =
    scope.kind === 'everything'
      ? `select ${COLUMNS} from payment_intents where ${paid} and ${more}`
      : `select ${COLUMNS} from (
           select id from payment_intents where ${paid} and ${inScope(scope, 'merchant_store_id')} offset 0) as own
         join payment_intents using (id) where ${more}`;
  return sum(db, rows, scope, { ...filter, ...period });
}

function sum(
  db: Db,
  rows: string,
  scope: OperatorScope,
  bindings: Readonly<Record<string, unknown>>,
): Promise<StatusSum[]> {
  return query<StatusSum>(
    db,
    `select currency, status, count(*)::int as count, sum(amount)::bigint as amount,
            coalesce(sum(amount_captured), 0)::bigint as captured, sum(amount_refunded)::bigint as refunded
     from (${rows}) as payments group by currency, status order by currency, status`,
    present({ ...bindings, ...scopeBindings(scope) }),
  );
}
