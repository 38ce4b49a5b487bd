/**
 * Where a payment stands for people: its status, and of a paid one what was refunded. Pure.
 */
import type { PaymentIntent, PaymentIntentStatus } from '../../../../domain/payment.ts';
import type { LoadedPayment } from '../../../../services/operator/payment/load-payment.ts';
import type { Tone } from '../../components/basics.ts';

export type Phase =
  | PaymentIntentStatus
  | 'attempt_failed'
  | 'refund_pending'
  | 'partly_refunded'
  | 'refunded';

/** The phase without regard to refunds, which lists do not read. */
export function openPhaseOf({
  status,
  lastPaymentError,
}: Pick<PaymentIntent, 'status' | 'lastPaymentError'>): Phase {
  return status === 'requires_payment_method' && lastPaymentError !== undefined ? 'attempt_failed' : status;
}

export function phaseOf(intent: PaymentIntent, { succeeded, pending }: LoadedPayment['sums']): Phase {
  const { status, amountCaptured = 0 } = intent;
  if (status !== 'succeeded') {
    return openPhaseOf(intent);
  }
  if (pending > 0) {
    return 'refund_pending';
  }
  if (succeeded === 0) {
    return status;
  }
  return succeeded >= amountCaptured ? 'refunded' : 'partly_refunded';
}

export const PHASE_TONES: Readonly<Record<Phase, Tone>> = {
  requires_payment_method: 'waiting',
  attempt_failed: 'waiting',
  requires_action: 'waiting',
  processing: 'waiting',
  succeeded: 'good',
  refund_pending: 'waiting',
  partly_refunded: 'good',
  refunded: 'ended',
  cancelled: 'ended',
  expired: 'ended',
};
