/**
 * What the receipt says: the facts of the payment, its refunds, and what shows the staff that the page is live.
 */
import type { PaymentIntent } from '../../domain/payment.ts';
import type { ShownPayment } from '../../services/operations/show-payment-page.ts';
import { formatAmount, formatMoment, formatTime } from './format.ts';
import type { Texts } from './texts/types.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What a payer can show at a counter. A picture of it would not move, and its clock would stand. */
export interface LiveProof {
  readonly order: string;
  readonly paidAt: string;
  /** For the clock that the script shows. */
  readonly timeZone: string;
}

/** Longer ago than this, the time of day alone could be taken for today's. */
const SAME_DAY_MS = 12 * 3_600_000;

export function orderFact(intent: PaymentIntent, texts: Texts): Fact {
  return { label: texts.orderReference, value: intent.merchantRefId };
}

/** The order and, once the payment was made, what a receipt needs. */
export function listFacts({ intent, shop }: ShownPayment, texts: Texts): Fact[] {
  const order = orderFact(intent, texts);
  if (intent.status !== 'succeeded') {
    return [order];
  }
  const { succeededAt, paymentMethodType, providerPaymentId, id } = intent;
  const paidAt = succeededAt && formatMoment(succeededAt, texts, shop.timeZone);
  return [
    ...(paidAt === undefined ? [] : [{ label: texts.paidAt, value: paidAt }]),
    { label: texts.method, value: paymentMethodType === 'cash' ? texts.cash : 'PayPay' },
    ...(providerPaymentId === undefined
      ? []
      : [{ label: texts.providerPaymentId, value: providerPaymentId }]),
    order,
    { label: texts.paymentId, value: id },
  ];
}

export function describeRefunds({ intent, refunds }: ShownPayment, texts: Texts): string[] {
  const { amountCaptured = 0, currency } = intent;
  const format = (amount: number) => formatAmount({ amount, currency }, texts).text;
  const { succeeded, pending } = refunds;
  const isAll = succeeded >= amountCaptured;
  const made = isAll
    ? texts.allRefunded(format(succeeded))
    : texts.refundedOf(format(succeeded), format(amountCaptured));
  return [...(succeeded > 0 ? [made] : []), ...(pending > 0 ? [texts.refunding(format(pending))] : [])];
}

export function proveLive({ intent, shop, now }: ShownPayment, texts: Texts): LiveProof | undefined {
  const { succeededAt, merchantRefId } = intent;
  if (!succeededAt) {
    return undefined;
  }
  const isRecent = now.getTime() - succeededAt.getTime() < SAME_DAY_MS;
  const format = isRecent ? formatTime : formatMoment;
  return {
    order: merchantRefId,
    paidAt: format(succeededAt, texts, shop.timeZone),
    timeZone: shop.timeZone,
  };
}
