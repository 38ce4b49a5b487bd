/**
 * The sandbox's configuration: the options of `startSandbox` and the behaviour switches. The switches exist because
 * PayPay's public documents contradict each other or are silent on these points; each default is what integrators
 * report most often. Faults are something else: a switch selects plausible behaviour, a fault injects a failure.
 */
import type { Clock } from '../../lib/clock.ts';

/** How the simulated PayPay behaves where its documents are ambiguous. Can be changed while the sandbox runs. */
export interface SandboxBehaviour {
  /** Time from creation to `expiryDate`. PayPay's own sandbox uses 300 s (measured); no request field sets it. */
  readonly codeLifetimeSeconds: number;
  /** A repeated merchantPaymentId: refuse it with DUPLICATE_DYNAMIC_QR_REQUEST, or return the existing code. */
  duplicateCode: 'refuse' | 'replay';
  /** How long after expiry the payment details of an unpaid code still say CREATED, before "not found". */
  readonly expiredCodeGraceSeconds: number;
  /** Payment details of a deleted, unpaid code. */
  readonly deletedCodeDetails: 'not_found' | 'created';
  /** Payment details of a live, unpaid code. Some integrators get "not found" until the code is scanned. */
  unpaidCodeDetails: 'created' | 'not_found';
  /** HTTP status of DYNAMIC_QR_PAYMENT_NOT_FOUND: the API document says 400, the tests of some clients say 404. */
  paymentNotFoundHttpStatus: 400 | 404;
  /** Deleting a paid code: DYNAMIC_QR_ALREADY_PAID (SDK guides) or DYNAMIC_QR_NOT_FOUND (the API document). */
  readonly deletePaidCode: 'already_paid' | 'not_found';
  /** Delay between accepting a cancel and carrying it out. */
  readonly cancelDelaySeconds: number;
  /** Delay after which a refund changes from CREATED to REFUNDED. */
  readonly refundDelaySeconds: number;
  /** HTTP status of an accepted refund: the API document says 200, public mocks say 201. */
  refundHttpStatus: 200 | 201;
  /** Whether the merchant may refund one payment more than once. At PayPay, a permission of the merchant. */
  allowMultipleRefunds: boolean;
  /** Maximum number of refunds per payment when several are allowed. PayPay publishes 50. */
  readonly maxRefunds: number;
  /** Which refund is refused in the first minute of another one of the payment: one of the same amount, or any. */
  throttledRefunds: 'similar' | 'any';
  /** Whether a refund of more than the merchant's sales that are not paid out is held until sales cover it. */
  holdRefundsAboveSales: boolean;
  /**
   * From and to which hour in Japan refunds are refused. PayPay refuses them in some hours of the night, and does not
   * publish which. The same hour twice: never.
   */
  refundPauseFromHour: number;
  refundPauseToHour: number;
  /** Payment status after a partial refund. */
  statusAfterPartialRefund: 'REFUNDED' | 'COMPLETED';
  /** Whether a webhook is sent for a failed payment; PayPay does not guarantee one. */
  notifyFailed: boolean;
  /** Whether the amounts in magic-amounts.ts force an outcome. A testing aid that PayPay does not have. */
  readonly magicAmounts: boolean;
}

/** An accepted API key pair, and the PayPay merchant it acts for unless the call names another. */
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

/** How webhooks are retried. PayPay's FAQ lists two policies and does not say which applies to Transaction webhooks. */
export type WebhookProfile = 'short' | 'long';

/** In `manual` mode webhooks are queued until a tester delivers, drops or duplicates them one by one. */
export type WebhookMode = 'auto' | 'manual';

/** One event that a gateway sends to a receiver of the demo merchant, for people to read. */
export interface MerchantDelivery {
  readonly createdAt: Date;
  readonly eventType: string;
  readonly objectId: string;
  /** Where it goes, without the query, which can contain a secret. */
  readonly destination: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly tries: number;
  /** What came of the last try, in words. */
  readonly lastResponse: string | undefined;
  readonly nextTryAt: Date | undefined;
}

/** Where a payment comes from, for people to read. */
export interface PaymentOrigin {
  readonly intentId: string;
  readonly orderId: string;
  /** The shop's name, or the merchant's. */
  readonly shopName: string;
}

export interface SandboxOptions extends Partial<SandboxBehaviour> {
  /** Address to bind to; loopback by default. Other machines may only act as payers (see local-requests.ts). */
  readonly host?: string;
  /** 0 selects a free port. */
  readonly port?: number;
  /** Base URL in QR codes, when browsers reach the sandbox at a different address from the one it binds to. */
  readonly publicUrl?: string;
  /** The host name in QR codes, when payers' phones reach the sandbox by another name than clients on this machine. */
  readonly publicHost?: string;
  readonly credentials: readonly SandboxCredential[];
  /** Address that receives the webhooks; without it webhooks are dropped. */
  readonly webhookUrl?: string;
  /** Whether the control interface may set the webhook URL to another machine; false by default. */
  readonly allowRemoteWebhooks?: boolean;
  /** Signs webhooks. Real PayPay has no such secret, but the gateway's contract requires one. */
  readonly webhookSecret?: string;
  readonly webhookMode?: WebhookMode;
  readonly webhookProfile?: WebhookProfile;
  readonly clock?: Clock;
  readonly log?: SandboxLog;
  /** PEM key and certificate to serve HTTPS, which PayPay's Node SDK requires. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** File that preserves payments across restarts. */
  readonly stateFile?: string;
  /** The newest deliveries of the gateway that runs in the same process; without it there is no page of them. */
  readonly listMerchantDeliveries?: (limit: number) => Promise<readonly MerchantDelivery[]>;
  /** What that gateway knows about payments, by merchantPaymentId. */
  readonly findOrigins?: (
    merchantPaymentIds: readonly string[],
  ) => Promise<ReadonlyMap<string, PaymentOrigin>>;
  /** Makes ids and random faults repeatable. */
  readonly seed?: number;
}

/** PayPay merchant used when neither the call nor the credential names one. */
export const DEFAULT_MERCHANT_ID = '600000000000000001';

/** The behaviour of a sandbox that is started without options. */
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
  allowMultipleRefunds: true,
  maxRefunds: 50,
  throttledRefunds: 'similar',
  holdRefundsAboveSales: false,
  refundPauseFromHour: 0,
  refundPauseToHour: 0,
  statusAfterPartialRefund: 'REFUNDED',
  notifyFailed: true,
  magicAmounts: false,
};

/** The allowed values of the switches that are enumerations. */
export const BEHAVIOUR_CHOICES: {
  readonly [Name in keyof SandboxBehaviour]?: readonly SandboxBehaviour[Name][];
} = {
  duplicateCode: ['refuse', 'replay'],
  deletedCodeDetails: ['not_found', 'created'],
  unpaidCodeDetails: ['created', 'not_found'],
  paymentNotFoundHttpStatus: [400, 404],
  deletePaidCode: ['already_paid', 'not_found'],
  refundHttpStatus: [200, 201],
  throttledRefunds: ['similar', 'any'],
  statusAfterPartialRefund: ['REFUNDED', 'COMPLETED'],
};

/** A logger without output, used when no logger is passed. */
export const silentLog: SandboxLog = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
