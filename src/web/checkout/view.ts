/**
 * Decides from the payment what the page shows: its state, texts and amounts. No markup.
 */
import type { Branding } from '../../domain/branding.ts';
import type { PaymentIntent } from '../../domain/payment.ts';
import type { ShownPayment } from '../../services/operations/show-payment-page.ts';
import { type FormattedAmount, formatAmount, formatTime } from './format.ts';
import { returnLink } from './links.ts';
import { CLOSED, type PageState, RECEIPTS } from './page-state.ts';
import { describeRefunds, type Fact, type LiveProof, listFacts, orderFact, proveLive } from './receipt.ts';
import type { Language, Texts } from './texts/types.ts';
import { TEXTS } from './texts.ts';
import { pageWords, tillWords, type Words } from './words.ts';

/** How the page is shown. */
export interface PageOptions {
  readonly language: Language;
  readonly display: 'till' | undefined;
  /** For the page's own links. */
  readonly paymentToken: string;
  readonly isSandbox: boolean;
}

export interface PageView extends Words {
  readonly options: PageOptions;
  readonly texts: Texts;
  readonly id: string;
  readonly state: PageState;
  /** Lets the script see whether a status that it receives is already shown. */
  readonly version: string;
  /** Differs from that of every other page of this payment. */
  readonly key: string;
  readonly merchantName: string;
  readonly storeName: string | undefined;
  readonly branding: Branding;
  readonly amount: FormattedAmount;
  readonly amountLabel: string;
  /** What of it was refunded, and what is being refunded. */
  readonly refunds: readonly string[];
  readonly description: string | undefined;
  readonly facts: readonly Fact[];
  readonly code: CodeView | undefined;
  readonly now: Date;
  /** Seconds after which the page reloads when there is no script. */
  readonly refreshSeconds: number | undefined;
  /** Until when to pay, in states in which the payment can be started. */
  readonly deadline: string | undefined;
  /** Whether it can be paid in cash as well, beside the QR. */
  readonly isCashToo: boolean;
  readonly live: LiveProof | undefined;
  /** The way back to the shop, after the end. */
  readonly returnTo: string | undefined;
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
/** Only links that open the provider's app or a web page; the sandbox's page has no certificate. */
const DEEPLINK = /^(paypay|https):/i;
const SANDBOX_DEEPLINK = /^(paypay|https?):/i;
const REFRESH_SECONDS: Readonly<Partial<Record<PageState, number>>> = {
  scan: 5,
  processing: 5,
  cash: 10,
  expired: 60,
  refund_pending: 30,
};
/** An expired payment can still become paid when the provider's report arrives late, but not for long. */
const REFRESH_EXPIRED_MS = 600_000;
/** The states in which the payment can be started. */
const STARTABLE: ReadonlySet<PageState> = new Set(['ready', 'failed', 'cash']);

export function viewPayment(shown: ShownPayment, options: PageOptions): PageView {
  const { intent, shop, now } = shown;
  const texts = TEXTS[options.language];
  const isTill = options.display === 'till';
  const state = stateOf(shown);
  const isPaid = RECEIPTS.has(state);
  const money = { amount: (isPaid && intent.amountCaptured) || intent.amount, currency: intent.currency };
  const amount = formatAmount(money, texts);
  const code = state === 'scan' ? viewCode(shown, options, amount.text, texts) : undefined;
  return {
    options,
    texts,
    id: intent.id,
    state,
    ...(isTill ? tillWords : pageWords)(state, shown, texts),
    version: versionOf(intent),
    key: keyOf(state, shown, code),
    merchantName: shop.branding.displayName ?? shop.merchantName,
    storeName: shop.storeName,
    branding: shop.branding,
    amount,
    amountLabel: amountLabelOf(state, texts),
    refunds: isPaid ? describeRefunds(shown, texts) : [],
    description: isTill ? undefined : intent.description,
    facts: isTill ? [orderFact(intent, texts)] : listFacts(shown, texts),
    code,
    now,
    refreshSeconds: isEndCertain(intent, now) ? undefined : REFRESH_SECONDS[state],
    deadline: STARTABLE.has(state)
      ? texts.payUntil(formatTime(intent.expiresAt, texts, shop.timeZone))
      : undefined,
    isCashToo: ['ready', 'scan', 'failed'].includes(state) && shown.payableMethods.includes('cash'),
    live: state === 'paid' && !isTill ? proveLive(shown, texts) : undefined,
    returnTo: !isTill && (isPaid || CLOSED.has(state)) ? returnLink(intent, options.isSandbox) : undefined,
  };
}

function amountLabelOf(state: PageState, texts: Texts): string {
  if (RECEIPTS.has(state)) {
    return texts.amountPaid;
  }
  return CLOSED.has(state) ? texts.amountClosed : texts.amountDue;
}

function stateOf(shown: ShownPayment): PageState {
  const { intent, code, now, payableMethods } = shown;
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
      if (!payableMethods.includes('qr_mpm')) {
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

/** Whether an expired payment can no longer become paid. */
function isEndCertain({ expiredAt }: PaymentIntent, now: Date): boolean {
  return expiredAt !== undefined && now.getTime() >= expiredAt.getTime() + REFRESH_EXPIRED_MS;
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

function viewCode(
  { code, shop }: ShownPayment,
  { isSandbox }: PageOptions,
  amount: string,
  texts: Texts,
): CodeView | undefined {
  if (!code) {
    return undefined;
  }
  const { qrContent, deeplink, expiresAt } = code;
  const opens = isSandbox ? SANDBOX_DEEPLINK : DEEPLINK;
  return {
    qrContent,
    qrLabel: texts.qrLabel(amount),
    deeplink: deeplink !== undefined && opens.test(deeplink) ? deeplink : undefined,
    expiresAt,
    validUntil: texts.validUntil(formatTime(expiresAt, texts, shop.timeZone)),
  };
}
