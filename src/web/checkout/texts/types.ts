/**
 * The texts that the payment page needs in each language. The type makes sure that both languages are complete.
 */
import type { PageState } from '../page-state.ts';

export type Language = 'ja' | 'en';

/** What a page says about its state. */
export interface StateText {
  readonly title: string;
  /** What the payer should do now. */
  readonly hint: string;
}

export interface Texts {
  readonly locale: string;
  readonly name: string;
  readonly languages: string;
  readonly states: Readonly<Record<PageState, StateText>>;
  /** The provider refused to create a code. */
  readonly codeRefused: StateText;
  /** The old code has expired but may still turn out paid; a new one can be requested in a few seconds. */
  readonly renewing: StateText;
  /** The last code can no longer be used. A script requests the next one at once. */
  readonly lapsed: StateText;
  /** The money was taken and refunded, so "no money was taken" would be wrong. */
  readonly returned: StateText;
  readonly amountDue: string;
  readonly amountPaid: string;
  /** Lines of the receipt. */
  readonly refundedOf: (refunded: string, paid: string) => string;
  readonly allRefunded: (amount: string) => string;
  readonly refunding: (amount: string) => string;
  readonly details: string;
  readonly orderReference: string;
  readonly paidAt: string;
  readonly method: string;
  readonly cash: string;
  readonly paymentId: string;
  readonly timeLeft: string;
  readonly validUntil: (time: string) => string;
  readonly payUntil: (time: string) => string;
  readonly qrLabel: (amount: string) => string;
  readonly showQr: string;
  readonly tryAgain: string;
  readonly refresh: string;
  readonly openApp: string;
  readonly orScan: string;
  readonly busy: string;
  readonly print: string;
  readonly receipt: string;
  readonly connectionLost: string;
  readonly connectionBack: string;
  readonly sandbox: string;
  readonly sandboxPay: string;
  readonly errors: Readonly<Record<ErrorKind, StateText>>;
}

/** The kinds of errors that differ for the payer. */
export type ErrorKind = 'link' | 'unknown' | 'method' | 'request' | 'unavailable' | 'busy' | 'fault';
