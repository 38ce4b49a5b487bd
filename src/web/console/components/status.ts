/**
 * The badges of payments and refunds.
 */
import type { PaymentIntentStatus } from '../../../domain/payment.ts';
import type { RefundStatus } from '../../../domain/refunds/refund.ts';
import type { Html } from '../../../lib/html.ts';
import type { Language } from '../texts/language.ts';
import { statusTexts } from '../texts/statuses.ts';
import { badge, type Tone } from './basics.ts';

const PAYMENT: Readonly<Record<PaymentIntentStatus, Tone>> = {
  requires_payment_method: 'waiting',
  requires_action: 'waiting',
  processing: 'waiting',
  succeeded: 'good',
  cancelled: 'ended',
  expired: 'ended',
};
const REFUND: Readonly<Record<RefundStatus, Tone>> = { pending: 'waiting', succeeded: 'good', failed: 'bad' };

export function paymentBadge(status: PaymentIntentStatus, language: Language): Html {
  return badge(statusTexts(language).payment[status], PAYMENT[status]);
}

export function refundBadge(status: RefundStatus, language: Language): Html {
  return badge(statusTexts(language).refund[status], REFUND[status]);
}
