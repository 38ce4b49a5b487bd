/**
 * Which changes of a payment the merchant is informed of, and the type of the event. A change of an attempt or intent makes one
 * event at most; the events of refunds are in refunds/refund-machine.ts.
 */
import type { Change, Payment, PaymentIntentStatus } from './payment.ts';

export type MerchantEventType =
  | `payment_intent.${'created' | 'requires_action' | 'processing' | 'payment_failed' | 'succeeded' | 'cancelled' | 'expired' | 'refunded'}`
  | `refund.${'created' | 'succeeded' | 'failed'}`
  | 'webhook_endpoint.disabled'
  | 'merchant.updated'
  | 'ping';

/** All types, in the order of the documentation. */
export const MERCHANT_EVENT_TYPES = [
  'payment_intent.created',
  'payment_intent.requires_action',
  'payment_intent.processing',
  'payment_intent.payment_failed',
  'payment_intent.succeeded',
  'payment_intent.cancelled',
  'payment_intent.expired',
  'payment_intent.refunded',
  'refund.created',
  'refund.succeeded',
  'refund.failed',
  'webhook_endpoint.disabled',
  'merchant.updated',
  'ping',
] as const satisfies readonly MerchantEventType[];

const BY_STATUS: Readonly<Record<PaymentIntentStatus, MerchantEventType>> = {
  requires_payment_method: 'payment_intent.payment_failed',
  requires_action: 'payment_intent.requires_action',
  processing: 'payment_intent.processing',
  succeeded: 'payment_intent.succeeded',
  cancelled: 'payment_intent.cancelled',
  expired: 'payment_intent.expired',
};

/**
 * The event of a change, if it makes one. An intent is `processing` during every call to the provider, which would only be
 * noise: the event is made when a call's outcome is unknown. A code that was withdrawn to cancel or to take cash instead is
 * no failed payment.
 */
export function merchantEventOf(
  before: Payment,
  { payment, events }: Pick<Change, 'payment' | 'events'>,
): MerchantEventType | undefined {
  const { status, lastPaymentError } = payment.intent;
  if (status === 'processing') {
    const isUnknown = events.some(({ type }) => type === 'outcome_unknown');
    return isUnknown && !hadUnknownOutcome(before) ? BY_STATUS.processing : undefined;
  }
  const isWithdrawn = status === 'requires_payment_method' && lastPaymentError?.code === 'code_withdrawn';
  return status === before.intent.status || isWithdrawn ? undefined : BY_STATUS[status];
}

/** Whether the outcome was unknown before too, for another reason. */
function hadUnknownOutcome({ intent, attempts }: Payment): boolean {
  return intent.status === 'processing' && attempts.some(({ endedAt, failure }) => !endedAt && failure);
}
