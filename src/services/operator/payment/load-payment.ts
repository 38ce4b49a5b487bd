/**
 * Loads a payment for its page in the console, with its refunds and its history. Reads without locking, so that it neither
 * waits for a payment in progress nor delays one.
 */
import { isInScope, type OperatorScope, type Owner } from '../../../domain/operators/grants.ts';
import type { Payment, PaymentIntent } from '../../../domain/payment.ts';
import type { Refund } from '../../../domain/refunds/refund.ts';
import { listActsOnObject } from '../../../store/audit/audit-log.ts';
import type { Db } from '../../../store/db/query.ts';
import { findShop } from '../../../store/merchants.ts';
import {
  listDeliveriesOfIntent,
  listNewestEvents,
  listWebhooksOfAttempts,
  namesOfOperators,
} from '../../../store/operator/payment-history.ts';
import { findAnyPayment } from '../../../store/payments.ts';
import { listProviderCalls } from '../../../store/provider-calls/provider-calls.ts';
import {
  listRefundsOfIntent,
  type RefundSums,
  sumRefundsByStatus,
} from '../../../store/refunds/refund-lists.ts';
import type { HistoryParts } from './history.ts';

/** An intent has at most 50 refunds of the merchant, and one for each attempt that the gateway returns. */
const MAX_REFUNDS = 200;
/** Of each part of the history. A payment hardly has more, unless it has many endpoints. */
export const MAX_PART = 500;
/** Of each attempt. */
const MAX_WEBHOOKS = 50;

export interface LoadedPayment {
  readonly payment: Payment;
  readonly refunds: readonly Refund[];
  readonly sums: RefundSums;
  readonly merchantName: string;
  readonly storeName: string | undefined;
  readonly timeZone: string;
  readonly history: HistoryParts;
  /** Whether a part of the history has older items. */
  readonly isCut: boolean;
  /** Names of operators by their ids. */
  readonly operators: ReadonlyMap<string, string>;
}

export function ownerOf({ merchantId, merchantStoreId: storeId }: PaymentIntent): Owner {
  return { merchantId, storeId };
}

/** The payment, or undefined when there is none in the scope. */
export async function findPaymentInScope(
  db: Db,
  scope: OperatorScope,
  intentId: string,
): Promise<Payment | undefined> {
  const payment = await findAnyPayment(db, intentId);
  return payment && isInScope(scope, ownerOf(payment.intent)) ? payment : undefined;
}

export async function loadPayment(db: Db, payment: Payment): Promise<LoadedPayment> {
  const { intent } = payment;
  const [refunds, sums, shop] = await Promise.all([
    listRefundsOfIntent(db, intent.id, MAX_REFUNDS),
    sumRefundsByStatus(db, intent.id),
    findShop(db, intent.merchantId, intent.merchantStoreId),
  ]);
  const history = await loadHistory(db, payment, refunds);
  const operators = history.acts.filter(({ actor }) => actor.kind === 'operator');
  return {
    payment,
    refunds,
    sums,
    merchantName: shop?.merchantName ?? intent.merchantId,
    storeName: shop?.storeName,
    timeZone: shop?.timeZone ?? 'Asia/Tokyo',
    history,
    isCut: Object.values(history).some((part) => part.length >= MAX_PART),
    operators: await namesOfOperators(db, [...new Set(operators.map(({ actor }) => actor.id))]),
  };
}

async function loadHistory(
  db: Db,
  { intent, attempts }: Payment,
  refunds: readonly Refund[],
): Promise<HistoryParts> {
  const attemptIds = attempts.slice(-MAX_PART).map(({ id }) => id);
  const objectIds = [...attemptIds, ...refunds.map(({ id }) => id)];
  const [events, calls, webhooks, deliveries, acts] = await Promise.all([
    listNewestEvents(db, intent.id, MAX_PART),
    listProviderCalls(db, objectIds, MAX_PART),
    listWebhooksOfAttempts(db, attemptIds, MAX_WEBHOOKS),
    listDeliveriesOfIntent(db, intent.id, MAX_PART),
    listActsOnObject(db, 'payment_intent', intent.id, MAX_PART),
  ]);
  // What an API key did is among the events.
  return { events, calls, webhooks, deliveries, acts: acts.filter(({ actor }) => actor.kind !== 'api_key') };
}
