/**
 * The attempts that `pgw money check` compares: all, or those of a merchant or a store, oldest first.
 */
import { scopeOfShop } from '../../../domain/operators/scope.ts';
import type { PaymentAttempt } from '../../../domain/payment.ts';
import { firstIdAt } from '../../../lib/ids.ts';
import type { Db } from '../../../store/db/query.ts';
import { listAttemptsOfIntents, listCreatedPayments } from '../../../store/operator/payments.ts';
import { listAttemptsAfter } from '../../../store/payment-lists.ts';

export interface AttemptScope {
  readonly merchantId?: string | undefined;
  readonly storeId?: string | undefined;
  /** Only attempts that began at this time or later. */
  readonly since?: Date | undefined;
}

export const ATTEMPTS_PAGE = 200;
/** An attempt begins at most so long after its intent was created, because intents expire. */
const LONGEST_INTENT_MS = 24 * 3_600_000;

/** Yields the attempts a page at a time; a page may be empty. */
export async function* eachAttemptPage(db: Db, scope: AttemptScope): AsyncGenerator<PaymentAttempt[]> {
  if (scope.merchantId !== undefined) {
    yield* eachPageOfShop(db, scope);
    return;
  }
  for (let after = scope.since === undefined ? '' : firstIdAt('pa', scope.since); ; ) {
    const page = await listAttemptsAfter(db, after, ATTEMPTS_PAGE);
    yield page;
    const last = page.at(-1);
    if (!last) {
      return;
    }
    after = last.id;
  }
}

async function* eachPageOfShop(
  db: Db,
  { merchantId, storeId, since }: AttemptScope,
): AsyncGenerator<PaymentAttempt[]> {
  let after = since && firstIdAt('pi', new Date(since.getTime() - LONGEST_INTENT_MS));
  for (;;) {
    const page = { order: 'oldest', limit: ATTEMPTS_PAGE, after } as const;
    const payments = await listCreatedPayments(db, { scope: scopeOfShop(merchantId, storeId) }, page);
    const ids = payments.map(({ intent }) => intent.id);
    const attempts = await listAttemptsOfIntents(db, ids);
    yield attempts.filter(({ createdAt }) => since === undefined || createdAt >= since);
    after = ids.at(-1);
    if (after === undefined) {
      return;
    }
  }
}
