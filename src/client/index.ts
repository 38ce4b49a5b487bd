/**
 * `mpac-pgw-client`, also `mpac-pgw/client`: the client for a merchant's Node server and, with a payment_token, for a
 * browser. One method per operation, named after it and typed by the contract; `api` gives typed access to every
 * operation. Signs requests, generates Idempotency-Keys and retries transient failures. Its only dependency is
 * openapi-fetch.
 */
import createApi, { type Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../generated/openapi.d.ts';
import { systemClock } from '../lib/clock.ts';
import { dataOf, eachOf, signalOf, tokenOf, writeInit } from './calls.ts';
import { PgwWaitError } from './errors.ts';
import { type EventMethods, eventMethods } from './events.ts';
import {
  type CallOptions,
  type ClientOptions,
  checkOptions,
  type TokenOptions,
  type WriteOptions,
} from './options.ts';
import { type RefundMethods, refundMethods } from './refunds.ts';
import { type ReportMethods, reportMethods } from './reports.ts';
import { createSend } from './send.ts';
import { type Poll, type WaitOptions, waitForEnd } from './wait.ts';
import { type WebhookEndpointMethods, webhookEndpointMethods } from './webhook-endpoints.ts';

export {
  type ErrorCode,
  type ErrorDetails,
  PgwConnectionError,
  PgwCursorExpiredError,
  PgwError,
  PgwRefundWaitError,
  PgwWaitError,
  PgwWebhookError,
  type WebhookRefusal,
} from './errors.ts';
export type { EachEventOptions, EventsQuery, FeedEntry } from './events.ts';
export type { CallOptions, ClientOptions, Credentials, TokenOptions, WriteOptions } from './options.ts';
export type { RefundsQuery, RefundWaitOptions } from './refunds.ts';
export type { DailyReportQuery } from './reports.ts';
export { type VerifyOptions, verifyWebhook, type WebhookHeaders } from './verify-webhook.ts';
export type { WaitOptions } from './wait.ts';
export type { DeliveriesQuery } from './webhook-endpoints.ts';
export type { components, operations, paths };

type Schemas = components['schemas'];
/**
 * One payment for one order. `succeeded` and `cancelled` are final. So is `expired`, except that it becomes `succeeded`
 * once if the payer paid in time and PayPay's report came late.
 */
export type PaymentIntent = Schemas['PaymentIntent'];
export type CreatedPaymentIntent = Schemas['CreatedPaymentIntent'];
export type Refund = Schemas['Refund'];
/** What happened, in the feed and in webhooks. */
export type Event = Schemas['Event'];
export type ListQuery = NonNullable<operations['listPaymentIntents']['parameters']['query']>;

/** Every method throws PgwError for an error response and PgwConnectionError if there is no response. */
export interface PgwClient extends EventMethods, RefundMethods, ReportMethods, WebhookEndpointMethods {
  /** Every operation of the contract, typed; resolves to `{ data }` or `{ error }`. */
  readonly api: Client<paths>;
  createPaymentIntent(
    input: Schemas['CreatePaymentIntentRequest'],
    options?: WriteOptions,
  ): Promise<CreatedPaymentIntent>;
  /** One page, newest first. */
  listPaymentIntents(query?: ListQuery, options?: CallOptions): Promise<PaymentIntent[]>;
  /** All matching PaymentIntents, newest first; pages are fetched as the generator is consumed. */
  eachPaymentIntent(query?: ListQuery, options?: CallOptions): AsyncGenerator<PaymentIntent>;
  retrievePaymentIntent(id: string, options?: TokenOptions & CallOptions): Promise<PaymentIntent>;
  /** Starts a payment and returns the code to show. PayPay QR by default. */
  confirmPaymentIntent(
    id: string,
    options?: Partial<Omit<Schemas['ConfirmPaymentIntentRequest'], 'payment_token'>> &
      TokenOptions &
      WriteOptions,
  ): Promise<Schemas['ConfirmedPaymentIntent']>;
  cancelPaymentIntent(
    id: string,
    options?: TokenOptions & WriteOptions,
  ): Promise<Schemas['CancelledPaymentIntent']>;
  /** Records money that staff have taken. @param options.amount defaults to the whole amount */
  capturePaymentIntent(
    id: string,
    options?: { readonly amount?: number } & WriteOptions,
  ): Promise<Schemas['CapturedPaymentIntent']>;
  syncMerchants(
    merchants: Schemas['SyncMerchantsRequest']['merchants'],
    options?: WriteOptions,
  ): Promise<Schemas['SyncMerchantsResult']>;
  /**
   * Polls a PaymentIntent until it ends as `succeeded`, `cancelled` or `expired`; every PaymentIntent ends. Tolerates
   * an outage of up to a minute. After `expired` it may become `succeeded` once, if the payer paid in time and PayPay's
   * report came late: the event `payment_intent.succeeded` says so.
   * @throws PgwWaitError when `timeoutMs` passes first; PgwConnectionError or PgwError if no poll has returned the
   * PaymentIntent by then, or when an outage lasts longer
   */
  waitForPayment(id: string, options?: WaitOptions & TokenOptions): Promise<PaymentIntent>;
}

/**
 * A client of the gateway at `options.baseUrl`.
 * @throws TypeError when that has no scheme, or when the credentials are empty
 */
export function createClient(options: ClientOptions): PgwClient {
  checkOptions(options);
  const api = createApi<paths>({ baseUrl: options.baseUrl, fetch: createSend(options) });
  return {
    api,
    ...paymentMethods(api, options),
    ...refundMethods(api, options),
    ...reportMethods(api),
    ...eventMethods(api, options),
    ...webhookEndpointMethods(api),
  };
}

type OtherMethods = RefundMethods & ReportMethods & EventMethods & WebhookEndpointMethods;
type PaymentMethods = Omit<PgwClient, 'api' | keyof OtherMethods>;

function paymentMethods(api: Client<paths>, options: ClientOptions): PaymentMethods {
  const client: PaymentMethods = {
    createPaymentIntent: (body, call = {}) =>
      dataOf(api.POST('/v1/payment_intents', { body, ...writeInit(call) })),
    listPaymentIntents: (query = {}, call = {}) =>
      dataOf(api.GET('/v1/payment_intents', { params: { query }, ...signalOf(call) })),
    eachPaymentIntent: (query, call) => eachOf(client.listPaymentIntents, query, call),
    retrievePaymentIntent: (id, call = {}) =>
      dataOf(
        api.GET('/v1/payment_intents/{id}', {
          params: { ...intent(id), query: tokenOf(call) },
          ...signalOf(call),
        }),
      ),
    confirmPaymentIntent: (id, call = {}) => {
      const { payment_method_type = 'qr_mpm', provider = 'PAYPAY' } = call;
      const body = { ...tokenOf(call), payment_method_type, provider };
      return dataOf(
        api.POST('/v1/payment_intents/{id}/confirm', { params: intent(id), body, ...writeInit(call) }),
      );
    },
    cancelPaymentIntent: (id, call = {}) =>
      dataOf(
        api.POST('/v1/payment_intents/{id}/cancel', {
          params: intent(id),
          body: tokenOf(call),
          ...writeInit(call),
        }),
      ),
    capturePaymentIntent: (id, { amount, ...call } = {}) => {
      const body = amount === undefined ? {} : { amount };
      return dataOf(
        api.POST('/v1/payment_intents/{id}/capture', { params: intent(id), body, ...writeInit(call) }),
      );
    },
    syncMerchants: (merchants, call = {}) =>
      dataOf(api.POST('/v1/sync/merchants', { body: { merchants }, ...writeInit(call) })),
    waitForPayment: (id, call = {}) =>
      waitForEnd(pollOf(client, id, call), call, options.clock ?? systemClock),
  };
  return client;
}

function intent(id: string) {
  return { path: { id } };
}

const TERMINAL: ReadonlySet<PaymentIntent['status']> = new Set(['succeeded', 'cancelled', 'expired']);
/** After a minute a faster reaction matters less than the load of polling. */
const SLOWDOWN_AFTER_MS = 60_000;
const SLOWDOWN = 3;

function pollOf(client: PaymentMethods, id: string, call: TokenOptions): Poll<PaymentIntent> {
  return {
    path: `/v1/payment_intents/${id}`,
    read: (signal) => client.retrievePaymentIntent(id, { ...call, signal }),
    hasEnded: ({ status }) => TERMINAL.has(status),
    pauseMs: (intervalMs, waitedMs) => (waitedMs > SLOWDOWN_AFTER_MS ? intervalMs * SLOWDOWN : intervalMs),
    timedOut: (last) => new PgwWaitError(last),
  };
}
