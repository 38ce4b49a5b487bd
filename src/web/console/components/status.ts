/**
 * The badges of payments and refunds.
 */
import type { PaymentIntent, PaymentIntentStatus } from '../../../domain/payment.ts';
import type { RefundStatus } from '../../../domain/refunds/refund.ts';
import type { Html } from '../../../lib/html.ts';
import { openPhaseOf, PHASE_TONES, type Phase } from '../pages/payment/phase.ts';
import type { Language } from '../texts/language.ts';
import { statusTexts } from '../texts/payment/statuses.ts';
import { badge, type Tone } from './basics.ts';

const REFUND: Readonly<Record<RefundStatus, Tone>> = { pending: 'waiting', succeeded: 'good', failed: 'bad' };

export function paymentBadge(
  intent: Pick<PaymentIntent, 'status' | 'lastPaymentError'>,
  language: Language,
): Html {
  return phaseBadge(openPhaseOf(intent), language);
}

export function statusBadge(status: PaymentIntentStatus, language: Language): Html {
  return phaseBadge(status, language);
}

function phaseBadge(phase: Phase, language: Language): Html {
  return badge(statusTexts(language).phases[phase].label, PHASE_TONES[phase]);
}

export function refundBadge(status: RefundStatus, language: Language): Html {
  return badge(statusTexts(language).refunds[status], REFUND[status]);
}
