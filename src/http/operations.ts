/**
 * THE table of operations: everything that is special about an operation of the contract and is not in the contract
 * itself. Requests are routed first; each middleware then reads the policy of the operation from here. An operation
 * without a row, and a row that contradicts the contract's idempotency, do not compile.
 */
import type { operations } from '../../generated/openapi.d.ts';
import type { IdempotencyMode } from '../services/idempotency/stored-responses.ts';
import type { Scope } from '../store/api-keys.ts';
import type { StoreRule } from './admission/store-rules.ts';
import type { CreatingOperationId, OperationId } from './openapi/contract.ts';

type HeadersOf<Id extends OperationId> = NonNullable<operations[Id]['parameters']['header']>;

/** Whether the contract gives an operation the header Idempotency-Key. */
type TakesIdempotencyKey<Id extends OperationId> = [HeadersOf<Id>] extends [never]
  ? false
  : 'Idempotency-Key' extends keyof HeadersOf<Id>
    ? true
    : false;

export interface OperationPolicy {
  /** What an API key must be allowed to do; `none` where API keys are not accepted. */
  readonly scope: Scope | 'none';
  /** How a key that is limited to stores is kept to them. */
  readonly stores: StoreRule;
  /** Which browsers may call it from scripts: those of any origin, where a payment_token is the credential, or none. */
  readonly browsers: 'any_origin' | 'none';
  /** The body limit for callers whose headers name an API key. For all others it is STRANGER_BODY_BYTES at most. */
  readonly maxBodyBytes: number;
  /** How a request with an Idempotency-Key runs; `none` where the contract has no such header. */
  readonly idempotency: IdempotencyMode | 'none';
  /** `none`: any request is accepted; the contract's authentication still applies. */
  readonly validation: 'contract' | 'none';
  /** `exempt`: never refused and not counted. */
  readonly rateLimit: 'counted' | 'exempt';
  /** `page`: errors are shown as a page to clients that prefer HTML. */
  readonly errors: 'json' | 'page';
  /** `in_sandbox`: where payments are real, it answers not_found before it parses anything of the request. */
  readonly exists: 'always' | 'in_sandbox';
}

/** The modes that an operation may have: whose reply carries what it creates, its mode stores both together. */
type ModesOf<Id extends OperationId> =
  TakesIdempotencyKey<Id> extends true
    ? Id extends CreatingOperationId
      ? 'statement'
      : Exclude<IdempotencyMode, 'statement'>
    : 'none';

/** An operation that accepts keys of merchants has a rule for those that are limited to stores. */
type KeyPolicy =
  | { readonly scope: 'none' | 'sync'; readonly stores: 'not_for_merchants' }
  | {
      readonly scope: Exclude<Scope, 'sync'>;
      readonly stores: Exclude<StoreRule, 'not_for_merchants'>;
    };

type PolicyOf<Id extends OperationId> = OperationPolicy & KeyPolicy & { readonly idempotency: ModesOf<Id> };

/** The body limit while the caller is unknown; enough for every operation whose payment_token may be in the body. */
export const STRANGER_BODY_BYTES = 16_384;

const MIB = 1_048_576;

/** A sync of ten thousand stores in one request is ordinary. */
const SYNC_BODY_BYTES = 16 * MIB;

/** Defaults of every row. No API key is accepted. */
const DEFAULTS = {
  scope: 'none',
  stores: 'not_for_merchants',
  browsers: 'none',
  maxBodyBytes: STRANGER_BODY_BYTES,
  idempotency: 'none',
  validation: 'contract',
  rateLimit: 'counted',
  errors: 'json',
  exists: 'always',
} as const satisfies OperationPolicy;

/** Called by a merchant's server only. */
const MERCHANT = { ...DEFAULTS, scope: 'payments', maxBodyBytes: MIB } as const;
/** Called by a merchant's server to be informed of events. */
const EVENTS = { ...DEFAULTS, scope: 'events', maxBodyBytes: MIB } as const;
/** The same, for one webhook endpoint. */
const ENDPOINT = { ...EVENTS, stores: 'names_webhook_endpoint' } as const;
/** Called by a merchant's server to give money back. */
const REFUNDS = { ...DEFAULTS, scope: 'refunds', maxBodyBytes: MIB } as const;
/** Called with a payment_token by the payer's side, or by the merchant's server. */
const PAYER = { ...MERCHANT, stores: 'names_payment_intent', browsers: 'any_origin' } as const;
/** Opened by a person in a browser. */
const PAGE = { ...DEFAULTS, errors: 'page' } as const;
/** Not validated, because some probes add a query, and a refused probe would take the node out of service. */
const PROBE = { ...DEFAULTS, validation: 'none', rateLimit: 'exempt' } as const;

export const OPERATIONS: { readonly [Id in OperationId]: PolicyOf<Id> } = {
  getHealth: PROBE,
  getReadiness: PROBE,
  createPaymentIntent: { ...MERCHANT, stores: 'creates_payment_intent', idempotency: 'statement' },
  listPaymentIntents: { ...MERCHANT, stores: 'filters_list' },
  retrievePaymentIntent: PAYER,
  // These three call a provider, which must not happen inside a transaction: they hold a lease instead.
  confirmPaymentIntent: { ...PAYER, idempotency: 'lease' },
  cancelPaymentIntent: { ...PAYER, idempotency: 'lease' },
  capturePaymentIntent: { ...MERCHANT, stores: 'names_payment_intent', idempotency: 'lease' },
  retrieveQrSvg: PAYER,
  retrieveQrPng: PAYER,
  streamPaymentIntentEvents: PAYER,
  // The refund is carried out by a worker afterwards.
  createRefund: { ...REFUNDS, stores: 'creates_refund', idempotency: 'transaction' },
  listRefunds: { ...REFUNDS, stores: 'filters_list' },
  retrieveRefund: { ...REFUNDS, stores: 'names_refund' },
  reportDaily: { ...DEFAULTS, scope: 'reports', stores: 'filters_list', maxBodyBytes: MIB },
  listEvents: { ...EVENTS, stores: 'filters_list' },
  retrieveEvent: { ...EVENTS, stores: 'names_event' },
  showPaymentPage: PAGE,
  confirmOnPaymentPage: PAGE,
  // Without them the page of a payer does not work, and they are in memory.
  getPaymentPageAsset: { ...DEFAULTS, rateLimit: 'exempt' },
  retrieveLogo: DEFAULTS,
  syncMerchants: {
    ...DEFAULTS,
    scope: 'sync',
    maxBodyBytes: SYNC_BODY_BYTES,
    idempotency: 'transaction',
  },
  // It resolves the host name of the URL, which must not happen inside a transaction.
  createWebhookEndpoint: { ...EVENTS, stores: 'creates_webhook_endpoint', idempotency: 'lease' },
  listWebhookEndpoints: { ...EVENTS, stores: 'filters_list' },
  retrieveWebhookEndpoint: ENDPOINT,
  updateWebhookEndpoint: { ...EVENTS, stores: 'changes_webhook_endpoint' },
  deleteWebhookEndpoint: ENDPOINT,
  rotateWebhookSecret: { ...ENDPOINT, idempotency: 'transaction' },
  // It calls the merchant's server.
  pingWebhookEndpoint: { ...ENDPOINT, idempotency: 'lease' },
  replayWebhookEndpoint: { ...ENDPOINT, idempotency: 'transaction' },
  // And the deliveries to it are filtered.
  listWebhookDeliveries: ENDPOINT,
  retrieveWebhookDelivery: { ...EVENTS, stores: 'names_webhook_delivery' },
  redeliverWebhook: { ...EVENTS, stores: 'names_webhook_delivery', idempotency: 'transaction' },
  // A refused webhook may never be sent again.
  receivePayPayWebhook: { ...DEFAULTS, validation: 'none', rateLimit: 'exempt' },
  explainSignature: { ...DEFAULTS, exists: 'in_sandbox' },
};

/** The policy of requests that match no operation. */
export const NO_OPERATION: OperationPolicy = DEFAULTS;
/** The same for links to pages: a mistyped one is opened by a person. */
export const NO_PAGE: OperationPolicy = PAGE;
