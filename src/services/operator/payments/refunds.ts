/**
 * `pgw refunds`: a refund that the operator makes for a merchant, in the same way as the API; and lists of refunds.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { scopeOfShop } from '../../../domain/operators/scope.ts';
import type { Payment } from '../../../domain/payment.ts';
import type { Refund, RefundMethod, RefundNotes } from '../../../domain/refunds/refund.ts';
import { amountRefundable } from '../../../domain/refunds/refund-machine.ts';
import { presentRefund } from '../../../presenters/refund.ts';
import type { Db } from '../../../store/db/query.ts';
import { type AnyRefundFilter, listAnyRefunds } from '../../../store/operator/refunds.ts';
import type { ServiceDeps } from '../../deps.ts';
import { createRefund } from '../../operations/refunds/create-refund.ts';
import { findPaymentBy } from './find-payment.ts';

/** A refund as JSON, with the merchant, whom the API need not name. */
export function describeRefund(refund: Refund) {
  return { ...presentRefund(refund), merchant_id: refund.merchantId };
}

export interface RefundPlan {
  readonly payment: Payment;
  readonly amount: number;
  readonly method: RefundMethod;
}

export interface WantedRefund {
  /** Any name of the payment. */
  readonly payment: string;
  readonly merchantId: string | undefined;
  /** All that is left, when undefined. */
  readonly amount: number | undefined;
  /** As it was paid, when undefined. */
  readonly method: RefundMethod | undefined;
}

/**
 * What a refund would be, for the operator to confirm. It decides nothing: `makeRefund` does.
 * @throws as `findPaymentBy`
 */
export async function planRefund(db: Db, wanted: WantedRefund): Promise<RefundPlan> {
  const payment = await findPaymentBy(db, wanted.payment, wanted.merchantId);
  const { intent } = payment;
  return {
    payment,
    amount: wanted.amount ?? amountRefundable(intent),
    method: wanted.method ?? (intent.paymentMethodType === 'cash' ? 'cash' : 'provider'),
  };
}

/** Makes the refund that was confirmed, neither more nor less. @throws as `createRefund` */
export function makeRefund(
  deps: ServiceDeps,
  by: ActContext,
  { payment: { intent }, amount, method }: RefundPlan,
  notes: RefundNotes,
): Promise<Refund> {
  const command = {
    ...notes,
    merchantId: intent.merchantId,
    intentId: intent.id,
    actor: by.actor.kind === 'operator' ? `operator:${by.actor.id}` : 'operator',
    amount,
    method,
    // Limits are those of API keys.
    storeIds: undefined,
    maxAmount: undefined,
    mayReturnInCash: true,
  };
  return createRefund(deps, command, by);
}

export interface WantedRefunds extends Pick<AnyRefundFilter, 'status' | 'after' | 'limit'> {
  readonly merchantId: string | undefined;
  readonly merchantStoreId: string | undefined;
}

/**
 * A page of refunds, newest first.
 * @param payment any name of the payment whose refunds are listed
 * @throws as `findPaymentBy`
 */
export async function listRefundsBy(
  db: Db,
  payment: string | undefined,
  { merchantId, ...filter }: WantedRefunds,
): Promise<Refund[]> {
  const intent = payment === undefined ? undefined : (await findPaymentBy(db, payment, merchantId)).intent;
  const scope = scopeOfShop(intent?.merchantId ?? merchantId);
  const found = await listAnyRefunds(db, { ...filter, scope, intentId: intent?.id });
  return found.map(({ refund }) => refund);
}
