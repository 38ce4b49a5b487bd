/**
 * Until when a payment can be refunded. Pure.
 */
import type { PaymentIntent } from '../payment.ts';

/** PayPay refunds until 23:59:59 JST of the 365th day after the day on which the payment completed. */
const WINDOW_DAYS = 365;
const DAY_MS = 24 * 3_600_000;
/** Japan has no daylight saving time. */
const JST_OFFSET_MS = 9 * 3_600_000;

/**
 * The last second in which the provider refunds the payment.
 * @returns undefined when there is no such limit: cash, and intents that have not succeeded
 */
export function refundsUntil({ paymentMethodType, succeededAt }: PaymentIntent): Date | undefined {
  return paymentMethodType === 'qr_mpm' && succeededAt ? lastSecondOf(succeededAt) : undefined;
}

function lastSecondOf(paidAt: Date): Date {
  const dayOfPayment = Math.floor((paidAt.getTime() + JST_OFFSET_MS) / DAY_MS);
  return new Date((dayOfPayment + WINDOW_DAYS + 1) * DAY_MS - JST_OFFSET_MS - 1_000);
}

/** Whether the window has ended: its last second has passed. */
export function isWindowOver(intent: PaymentIntent, now: Date): boolean {
  const until = refundsUntil(intent);
  return until !== undefined && now.getTime() >= until.getTime() + 1_000;
}
