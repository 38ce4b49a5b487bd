/**
 * What can be chosen about the sandbox: the options of `startSandbox` and the behaviour switches. The switches
 * exist because PayPay's public documents disagree or are silent on these points; each default is the reading that
 * integrators report most. Not the faults: a fault is PayPay at its worst, a switch is PayPay as it might well be.
 */
import type { Clock } from '../../lib/clock.ts';

/** How the simulated PayPay behaves where its documents leave room. Can be changed while the sandbox runs. */
export interface SandboxBehaviour {
  /** Time from creation to `expiryDate`. PayPay's sandbox was measured at 300 s; no request field sets it. */
  readonly codeLifetimeSeconds: number;
  /** A repeated merchantPaymentId: refused with DUPLICATE_DYNAMIC_QR_REQUEST, or answered with the earlier code. */
  duplicateCode: 'refuse' | 'replay';
  /** How long after expiry an unpaid code still reads as CREATED before it reads as not found. */
  readonly expiredCodeGraceSeconds: number;
  /** What the payment details of a deleted, unpaid code say. */
  readonly deletedCodeDetails: 'not_found' | 'created';
  /** What the payment details of a live, unpaid code say; some integrators meet "not found" until the code is scanned. */
  unpaidCodeDetails: 'created' | 'not_found';
  /** HTTP status of DYNAMIC_QR_PAYMENT_NOT_FOUND: the API document says 400, some clients' tests 404. */
  paymentNotFoundHttpStatus: 400 | 404;
  /** Deleting a paid code: DYNAMIC_QR_ALREADY_PAID (SDK guides) or DYNAMIC_QR_NOT_FOUND (the API document lists no other). */
  readonly deletePaidCode: 'already_paid' | 'not_found';
  /** Cancel is accepted first and carried out this much later. */
  readonly cancelDelaySeconds: number;
  /** A refund stays CREATED this long, then becomes REFUNDED. */
  readonly refundDelaySeconds: number;
  /** HTTP status of an accepted refund: the API document says 200, mocks say 201. */
  refundHttpStatus: 200 | 201;
  /** Whether the merchant may refund one payment more than once. */
  allowMultipleRefunds: boolean;
  /** Most refunds of one payment where several are allowed. */
  readonly maxRefunds: number;
  /** Payment status once a part of the amount was given back. */
  statusAfterPartialRefund: 'REFUNDED' | 'COMPLETED';
  /** Whether a failed payment is announced; PayPay says it may not be. */
  notifyFailed: boolean;
  /** Not about PayPay but about testers: whether the amounts of magic-amounts.ts force their outcomes. */
  readonly magicAmounts: boolean;
}

/** One API key pair that the sandbox accepts, and the PayPay merchant that it acts for unless the call names another. */
export interface SandboxCredential {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly merchantId?: string;
}

/** The part of a pino logger that the sandbox uses. */
export interface SandboxLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How webhooks are retried: PayPay's FAQ has two rows, and which of them is for Transaction is not known. */
export type WebhookProfile = 'short' | 'long';

/** In `manual` mode webhooks queue until the test delivers, drops or duplicates them one by one. */
export type WebhookMode = 'auto' | 'manual';

export interface SandboxOptions extends Partial<SandboxBehaviour> {
  /** Address to bind; the control interface has no password, so keep it on loopback. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port?: number;
  /** Address to put into QR codes when people reach the sandbox by another name than it binds. */
  readonly publicUrl?: string;
  readonly credentials: readonly SandboxCredential[];
  /** Where webhooks go; none are sent while it is absent. */
  readonly webhookUrl?: string;
  /** Signs webhooks. Real PayPay has no such secret; the gateway's contract demands one. */
  readonly webhookSecret?: string;
  readonly webhookMode?: WebhookMode;
  readonly webhookProfile?: WebhookProfile;
  readonly clock?: Clock;
  readonly log?: SandboxLog;
  /** Serve HTTPS with this PEM key and certificate; PayPay's Node SDK speaks nothing else. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Journal that keeps payments over a restart. */
  readonly stateFile?: string;
  /** Makes ids and fault probabilities repeatable. */
  readonly seed?: number;
}

/** PayPay merchant used when neither the call nor the credential names one. */
export const DEFAULT_MERCHANT_ID = '600000000000000001';

/** The behaviour that a sandbox starts with. */
export const DEFAULT_BEHAVIOUR: Readonly<SandboxBehaviour> = {
  codeLifetimeSeconds: 300,
  duplicateCode: 'refuse',
  expiredCodeGraceSeconds: 60,
  deletedCodeDetails: 'not_found',
  unpaidCodeDetails: 'created',
  paymentNotFoundHttpStatus: 400,
  deletePaidCode: 'already_paid',
  cancelDelaySeconds: 0,
  refundDelaySeconds: 5,
  refundHttpStatus: 200,
  allowMultipleRefunds: false,
  maxRefunds: 20,
  statusAfterPartialRefund: 'REFUNDED',
  notifyFailed: true,
  magicAmounts: false,
};

/** The values that a switch can have, where they are few. */
export const BEHAVIOUR_CHOICES: {
  readonly [Name in keyof SandboxBehaviour]?: readonly SandboxBehaviour[Name][];
} = {
  duplicateCode: ['refuse', 'replay'],
  deletedCodeDetails: ['not_found', 'created'],
  unpaidCodeDetails: ['created', 'not_found'],
  paymentNotFoundHttpStatus: [400, 404],
  deletePaidCode: ['already_paid', 'not_found'],
  refundHttpStatus: [200, 201],
  statusAfterPartialRefund: ['REFUNDED', 'COMPLETED'],
};

/** A logger that says nothing, for callers that pass none. */
export const silentLog: SandboxLog = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
