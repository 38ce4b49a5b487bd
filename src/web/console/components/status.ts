/**
 * The badges of payments and refunds.
 */
import type { PaymentIntentStatus } from '../../../domain/payment.ts';
import type { RefundStatus } from '../../../domain/refunds/refund.ts';
import type { Html } from '../../../lib/html.ts';
import { PHASE_TONES } from '../pages/payment/phase.ts';
import type { Language } from '../texts/language.ts';
import { statusTexts } from '../texts/payment/statuses.ts';
import { badge, type Tone } from './basics.ts';

const REFUND: Readonly<Record<RefundStatus, Tone>> = { pending: 'waiting', succeeded: 'good', failed: 'bad' };

export function paymentBadge(status: PaymentIntentStatus, language: Language): Html {
  return badge(statusTexts(language).phases[status].label, PHASE_TONES[status]);
}

export function refundBadge(status: RefundStatus, language: Language): Html {
  return badge(statusTexts(language).refunds[status], REFUND[status]);
}
