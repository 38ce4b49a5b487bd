/**
 * Decides from the payment what the page shows: its state, texts and amounts. No markup.
 */
import type { PaymentIntent } from '../../domain/payment.ts';
import type { ShownPayment } from '../../services/operations/show-payment-page.ts';
import { type FormattedAmount, formatAmount, formatMoment, formatTime } from './format.ts';
import { type PageState, RECEIPTS } from './page-state.ts';
import type { Language, Texts } from './texts/types.ts';
import { TEXTS } from './texts.ts';

/** How the page is shown. */
export interface PageOptions {
  readonly language: Language;
  readonly display: 'till' | undefined;
  /** For the page's own links. */
  readonly paymentToken: string;
  readonly isSandbox: boolean;
}

export interface PageView {
  readonly options: PageOptions;
  readonly texts: Texts;
  readonly id: string;
  readonly state: PageState;
  readonly title: string;
  readonly hint: string;
  /** Lets the script see whether a status that it receives is already shown. */
  readonly version: string;
  /** Differs from that of every other page of this payment. */
  readonly key: string;
  readonly merchantName: string;
  readonly storeName: string | undefined;
  readonly amount: FormattedAmount;
  readonly amountLabel: string;
  /** What of it was refunded, and what is being refunded. */
  readonly refunds: readonly string[];
  readonly description: string | undefined;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly code: CodeView | undefined;
  readonly now: Date;
  /** Seconds after which the page reloads when there is no script. */
  readonly refreshSeconds: number | undefined;
  /** Until when to pay, in states in which the payment can be started. */
  readonly deadline: string | undefined;
}

export interface CodeView {
  readonly qrContent: string;
  readonly qrLabel: string;
  readonly deeplink: string | undefined;
  readonly expiresAt: Date;
  readonly validUntil: string;
}

/** Errors of a code that expired unpaid; these need no decision by the payer before the next code. */
const LAPSED: ReadonlySet<string> = new Set(['code_expired', 'code_withdrawn', 'code_not_created']);
/** Only links that open the provider's app or a web page. */
const DEEPLINK = /^(paypay|https):/i;
const REFRESH_SECONDS: Readonly<Partial<Record<PageState, number>>> = {
  scan: 5,
  processing: 5,
  cash: 10,
  expired: 60,
  refund_pending: 30,
};
/** An expired payment can still become paid when the provider's report arrives late, but not for long. */
const REFRESH_EXPIRED_MS = 600_000;

export function viewPayment(shown: ShownPayment, options: PageOptions): PageView {
  const { intent, shop, code, now } = shown;
  const texts = TEXTS[options.language];
  const state = stateOf(shown);
  const timeZone = shop.timeZone;
  const isPaid = RECEIPTS.has(state);
  const money = { amount: (isPaid && intent.amountCaptured) || intent.amount, currency: intent.currency };
  const amount = formatAmount(money, texts);
  const viewedCode = state === 'scan' && code ? viewCode(code, amount.text, texts, timeZone) : undefined;
  return {
    options,
    texts,
    id: intent.id,
    state,
    ...wordsOf(state, shown, texts),
    version: versionOf(intent),
    key: keyOf(state, shown, viewedCode),
    merchantName: shop.merchantName,
    storeName: shop.storeName,
    amount,
    amountLabel: isPaid ? texts.amountPaid : texts.amountDue,
    refunds: isPaid ? refundLines(shown, texts) : [],
    description: intent.description,
    facts: factsOf(intent, texts, timeZone),
    code: viewedCode,
    now,
    refreshSeconds: isEndCertain(intent, now) ? undefined : REFRESH_SECONDS[state],
    deadline: ['ready', 'failed', 'cash'].includes(state)
      ? texts.payUntil(formatTime(intent.expiresAt, texts, timeZone))
      : undefined,
  };
}

function stateOf(shown: ShownPayment): PageState {
  const { intent, code, now } = shown;
  switch (intent.status) {
    case 'succeeded':
      return receiptOf(shown);
    case 'cancelled':
    case 'expired':
      return intent.status;
    case 'processing':
      return 'processing';
    case 'requires_action':
      if (code) {
        return 'scan';
      }
      return now < intent.expiresAt ? 'ready' : 'processing';
    case 'requires_payment_method':
      if (now >= intent.expiresAt) {
        return 'processing';
      }
      if (!intent.paymentMethodTypes.includes('qr_mpm')) {
        return 'cash';
      }
      return intent.lastPaymentError && !LAPSED.has(intent.lastPaymentError.code) ? 'failed' : 'ready';
  }
}

/** A refund is shown as made only once it is: as long as one is pending, that is what the payer is shown first. */
function receiptOf({ intent, refunds }: ShownPayment): PageState {
  if (refunds.pending > 0) {
    return 'refund_pending';
  }
  if (refunds.succeeded === 0) {
    return 'paid';
  }
  return refunds.succeeded >= (intent.amountCaptured ?? 0) ? 'refunded' : 'partly_refunded';
}

function refundLines({ intent, refunds }: ShownPayment, texts: Texts): string[] {
  const { amountCaptured = 0, currency } = intent;
  const format = (amount: number) => formatAmount({ amount, currency }, texts).text;
  const { succeeded, pending } = refunds;
  const isAll = succeeded >= amountCaptured;
  const made = isAll
    ? texts.allRefunded(format(succeeded))
    : texts.refundedOf(format(succeeded), format(amountCaptured));
  return [...(succeeded > 0 ? [made] : []), ...(pending > 0 ? [texts.refunding(format(pending))] : [])];
}

/** Whether an expired payment can no longer become paid. */
function isEndCertain({ expiredAt }: PaymentIntent, now: Date): boolean {
  return expiredAt !== undefined && now.getTime() >= expiredAt.getTime() + REFRESH_EXPIRED_MS;
}

interface Words {
  readonly title: string;
  readonly hint: string;
}

function wordsOf(state: PageState, shown: ShownPayment, texts: Texts): Words {
  const { intent, hadCode, isRenewing } = shown;
  const error = intent.lastPaymentError;
  const returned = error?.code === 'payment_returned' ? returnedWords(state, texts) : undefined;
  if (returned) {
    return returned;
  }
  if (state === 'failed' && !hadCode) {
    return texts.codeRefused;
  }
  if (state === 'processing' && isRenewing) {
    return texts.renewing;
  }
  const hasLapsed = error !== undefined || intent.status === 'requires_action';
  return state === 'ready' && hasLapsed ? texts.lapsed : texts.states[state];
}

/** Texts for money that was taken and refunded: before another attempt their own title; after the end only a hint. */
function returnedWords(state: PageState, texts: Texts): Words | undefined {
  if (state === 'failed') {
    return texts.returned;
  }
  const isEnd = state === 'cancelled' || state === 'expired';
  return isEnd ? { ...texts.states[state], hint: texts.returned.hint } : undefined;
}

/** The script (updates.js) computes the same from the PaymentIntent that it receives. */
function versionOf({ status, lastPaymentError, amountRefunded }: PaymentIntent): string {
  return `${status}:${lastPaymentError?.code ?? ''}:${amountRefunded}`;
}

/** The version does not say whether a refund is still pending. */
function keyOf(state: PageState, { intent, refunds }: ShownPayment, code: CodeView | undefined): string {
  const until = code?.expiresAt.toISOString() ?? '';
  return [state, versionOf(intent), until, refunds.pending].join('|');
}

function factsOf(intent: PaymentIntent, texts: Texts, timeZone: string): PageView['facts'] {
  const order = { label: texts.orderReference, value: intent.merchantRefId };
  if (intent.status !== 'succeeded') {
    return [order];
  }
  return [
    ...(intent.succeededAt
      ? [{ label: texts.paidAt, value: formatMoment(intent.succeededAt, texts, timeZone) }]
      : []),
    { label: texts.method, value: intent.paymentMethodType === 'cash' ? texts.cash : 'PayPay' },
    order,
    { label: texts.paymentId, value: intent.id },
  ];
}

function viewCode(
  { qrContent, deeplink, expiresAt }: NonNullable<ShownPayment['code']>,
  amount: string,
  texts: Texts,
  timeZone: string,
): CodeView {
  return {
    qrContent,
    qrLabel: texts.qrLabel(amount),
    deeplink: deeplink !== undefined && DEEPLINK.test(deeplink) ? deeplink : undefined,
    expiresAt,
    validUntil: texts.validUntil(formatTime(expiresAt, texts, timeZone)),
  };
}
