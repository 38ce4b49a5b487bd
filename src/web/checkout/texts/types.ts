/**
 * The texts that the payment page needs in each language. The type makes sure that both languages are complete.
 *
 * Titles, hints and notes may contain `|` where a line may break; see phrases.ts.
 */
import type { PageState } from '../page-state.ts';

export type Language = 'ja' | 'en';

/** What a page says about its state. */
export interface StateText {
  readonly title: string;
  /** What the payer should do now. */
  readonly hint: string;
}

/** The kinds of errors that differ for the payer. */
export type ErrorKind = 'link' | 'unknown' | 'method' | 'request' | 'unavailable' | 'busy' | 'fault';

/** The states in which the staff at a till can do something. */
export type StaffState = 'failed' | 'cancelled' | 'expired';

/** A customer's display at a till has no keyboard and no touch, and the staff stand beside it. */
export interface TillTexts {
  /** Instead of the hint for a payer who holds the page. */
  readonly hints: Readonly<Record<PageState | 'codeRefused', string>>;
  readonly staff: string;
  readonly advice: Readonly<Record<StaffState, string>>;
  readonly errorAdvice: Readonly<Record<ErrorKind, string>>;
}

export interface Texts {
  readonly locale: string;
  readonly name: string;
  readonly languages: string;
  readonly states: Readonly<Record<PageState, StateText>>;
  /** While a code is live on the payer's own phone, which opens the app instead of scanning itself. */
  readonly ownPhone: StateText;
  /** The provider refused to create a code. */
  readonly codeRefused: StateText;
  /** The old code has expired but may still turn out paid; a new one can be requested in a few seconds. */
  readonly renewing: StateText;
  /** The last code can no longer be used. A script requests the next one at once. */
  readonly lapsed: StateText;
  /** The money was taken and refunded, so "no money was taken" would be wrong. */
  readonly returned: StateText;
  readonly till: TillTexts;
  readonly amountDue: string;
  readonly amountPaid: string;
  /** After the end of a payment that was not made. */
  readonly amountClosed: string;
  /** Lines of the receipt. */
  readonly refundedOf: (refunded: string, paid: string) => string;
  readonly allRefunded: (amount: string) => string;
  readonly refunding: (amount: string) => string;
  readonly details: string;
  readonly orderReference: string;
  readonly paidAt: string;
  /** Before a time of day. */
  readonly paidAtTime: string;
  readonly timeNow: string;
  readonly method: string;
  readonly cash: string;
  /** The number of the payment that the payer sees in the provider's app. */
  readonly providerPaymentId: string;
  readonly paymentId: string;
  readonly timeLeft: string;
  readonly validUntil: (time: string) => string;
  readonly payUntil: (time: string) => string;
  readonly qrLabel: (amount: string) => string;
  readonly start: string;
  readonly tryAgain: string;
  readonly refresh: string;
  readonly openApp: string;
  readonly otherDevice: string;
  readonly cashToo: string;
  readonly busy: string;
  readonly backToShop: string;
  readonly contact: string;
  readonly print: string;
  readonly receipt: string;
  readonly connectionLost: string;
  readonly connectionBack: string;
  readonly sandbox: string;
  readonly sandboxHint: string;
  readonly sandboxReceipt: string;
  readonly sandboxPay: string;
  readonly errors: Readonly<Record<ErrorKind, StateText>>;
}
