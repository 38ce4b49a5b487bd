/**
 * showPaymentPage: the payer's view of a payment. Reads like retrieve, so the state is fresh; starts no attempt.
 */
import { type LiveCode, toLiveCode } from '../../domain/live-code.ts';
import {
  isShowable,
  type Payment,
  type PaymentAttempt,
  type PaymentIntent,
  type PaymentMethodType,
  shownUntil,
} from '../../domain/payment.ts';
import { findShop, type Shop } from '../../store/merchants.ts';
import { type RefundSums, sumRefundsByStatus } from '../../store/refunds/refund-lists.ts';
import type { ServiceDeps } from '../deps.ts';
import { payableMethods } from '../payable-methods.ts';
import { retrievePayment } from './retrieve-payment-intent.ts';

export interface ShownPayment {
  readonly intent: PaymentIntent;
  readonly shop: Shop;
  /** Those of the intent's methods that can be paid in its currency. */
  readonly payableMethods: readonly PaymentMethodType[];
  /** The code that can be paid at this moment. */
  readonly code: LiveCode | undefined;
  /** Whether the last attempt had a code. */
  readonly hadCode: boolean;
  /** Whether an expired code is being closed, so that a new one can follow. */
  readonly isRenewing: boolean;
  /** The intent's money that was refunded, and that is being refunded. */
  readonly refunds: RefundSums;
  readonly now: Date;
}

/**
 * @param input `known`: the payment as this request has read it already
 * @throws not_found when this merchant has no such intent
 */
export async function showPaymentPage(
  deps: ServiceDeps,
  input: { merchantId: string; intentId: string; known?: Payment | undefined },
): Promise<ShownPayment> {
  const { intent, attempts } = await retrievePayment(deps, input);
  const shop = await findShop(deps.db, input.merchantId, intent.merchantStoreId);
  if (!shop) {
    throw new Error(`there is no merchant ${input.merchantId}`);
  }
  const refunds =
    intent.amountRefunded > 0 ? await sumRefundsByStatus(deps.db, intent.id) : { succeeded: 0, pending: 0 };
  const now = deps.clock.now();
  const last = attempts.at(-1);
  return {
    intent,
    shop,
    payableMethods: payableMethods(deps.providers, intent.paymentMethodTypes, intent.currency),
    code: codeOf(last, intent, now),
    hadCode: last?.codeId !== undefined,
    isRenewing: last !== undefined && isRenewing(last, now) && now < intent.expiresAt,
    refunds,
    now,
  };
}

function codeOf(attempt: PaymentAttempt | undefined, intent: PaymentIntent, now: Date): LiveCode | undefined {
  if (!attempt || !isShowable(attempt, now) || now >= intent.expiresAt) {
    return undefined;
  }
  const code = toLiveCode(attempt);
  // The intent's end is the code's end too.
  return { ...code, expiresAt: earlier(code.expiresAt, intent.expiresAt) };
}

function earlier(one: Date, other: Date): Date {
  return new Date(Math.min(one.getTime(), other.getTime()));
}

function isRenewing(attempt: PaymentAttempt, now: Date): boolean {
  const until = shownUntil(attempt);
  return attempt.status === 'closing' && until !== undefined && until <= now;
}
