/**
 * What operators do to a payment in the console. Each act goes through the operation that merchants use, so that the state
 * machine decides; none sets a status. A refund is stored together with its row of the audit log. Cancelling and capturing call
 * the provider, so what the operator wants is stored first: the events of the payment show what came of it.
 */
import type { ActContext, ActType, Json } from '../../../domain/audit/act.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Payment, PaymentIntent } from '../../../domain/payment.ts';
import { type Decision, decideCancel, decideCapture } from '../../../domain/payment-machine.ts';
import type { Refund, RefundMethod, RefundReason } from '../../../domain/refunds/refund.ts';
import { type Db, inTransaction } from '../../../store/db/query.ts';
import { recordAct } from '../../audit/record-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { cancelPaymentIntent } from '../../operations/cancel-payment-intent.ts';
import { capturePaymentIntent } from '../../operations/capture-payment-intent.ts';
import { createRefund } from '../../operations/refunds/create-refund.ts';

/** The name of operators in events; the audit log has the person. */
const ACTOR = 'operator';

export interface OperatorRefund {
  readonly amount: number;
  readonly method: RefundMethod;
  readonly reason: RefundReason;
  readonly description: string | undefined;
  /** The most that the operator may refund at once; undefined: no limit. */
  readonly maxAmount: number | undefined;
  /** Of the form: sent twice, it makes one refund. */
  readonly idempotencyId: string;
}

/**
 * @returns the refund that the form has made, now or when it was sent before
 * @throws as `createRefund`; forbidden above the operator's limit; invalid_request when the form has made another refund
 */
export async function refundPayment(
  deps: ServiceDeps,
  by: ActContext,
  { intent }: Payment,
  wanted: OperatorRefund,
): Promise<Refund> {
  const { amount, method, reason, description, maxAmount, idempotencyId } = wanted;
  requireWithinLimit(amount, maxAmount);
  const command = {
    merchantId: intent.merchantId,
    storeIds: undefined,
    intentId: intent.id,
    actor: ACTOR,
    amount,
    method,
    reason,
    description,
    merchantRefundRefId: undefined,
    merchantStaffId: undefined,
    merchantTerminalId: undefined,
    mayReturnInCash: true,
    maxAmount: undefined,
    idempotencyId,
  };
  const refund = await createRefund(deps, command, by);
  if (refund.money.amount !== amount || refund.method !== method) {
    throw new DomainError('invalid_request', `This form has already made the refund ${refund.id}`, {
      details: { constraint: 'form_used', refund_id: refund.id },
    });
  }
  return refund;
}

/** @throws as `cancelPaymentIntent` */
export async function cancelPayment(deps: ServiceDeps, by: ActContext, payment: Payment): Promise<void> {
  const { intent } = payment;
  const decision = decideCancel(payment, deps.clock.now());
  requirePossible(decision);
  if (decision.kind === 'done') {
    return;
  }
  await recordFirst(deps, by, intent, 'payment.cancelled', {});
  await cancelPaymentIntent(deps, { merchantId: intent.merchantId, intentId: intent.id, actor: ACTOR });
}

export interface OperatorCapture {
  readonly amount: number;
  readonly staffId: string;
  readonly terminalId: string | undefined;
  readonly idempotencyId: string;
}

/** Records money that the shop's staff have taken in cash. @throws as `capturePaymentIntent` */
export async function capturePayment(
  deps: ServiceDeps,
  by: ActContext,
  payment: Payment,
  { amount, staffId, terminalId, idempotencyId }: OperatorCapture,
): Promise<void> {
  const { intent } = payment;
  const command = {
    merchantId: intent.merchantId,
    intentId: intent.id,
    actor: ACTOR,
    amount,
    idempotencyId,
  };
  const decision = decideCapture(payment, command, deps.clock.now());
  if (decision.kind !== 'refused') {
    const details = { amount, staff: staffId, ...(terminalId !== undefined && { till: terminalId }) };
    await recordFirst(deps, by, intent, 'payment.captured', details);
  }
  // Also when it is refused now: the form may have been sent before, and have captured.
  await capturePaymentIntent(deps, command);
}

/** Adds a note to the timeline: its text is the reason. */
export function notePayment(deps: ServiceDeps, by: ActContext, { intent }: Payment): Promise<void> {
  return recordFirst(deps, by, intent, 'payment.noted', undefined);
}

function requirePossible(decision: Decision): void {
  if (decision.kind === 'refused') {
    throw decision.error;
  }
}

/** @throws forbidden above the operator's limit; undefined: no limit */
export function requireWithinLimit(amount: number, maxAmount: number | undefined): void {
  if (maxAmount !== undefined && amount > maxAmount) {
    throw new DomainError('forbidden', `You may refund at most ${maxAmount} at once`, {
      details: { constraint: 'operator_limit', max: maxAmount },
    });
  }
}

/** In a transaction of its own. */
function recordFirst(
  deps: ServiceDeps,
  by: ActContext,
  intent: PaymentIntent,
  type: ActType,
  after: Json | undefined,
): Promise<void> {
  return inTransaction(deps.db, (trx) => record(deps, trx, by, intent, type, after));
}

function record(
  deps: ServiceDeps,
  trx: Db,
  by: ActContext,
  { id: objectId, merchantId, merchantStoreId: storeId }: PaymentIntent,
  type: ActType,
  after: Json | undefined,
): Promise<void> {
  return recordAct(deps, trx, {
    ...by,
    type,
    objectType: 'payment_intent',
    objectId,
    merchantId,
    storeId,
    after,
  });
}
