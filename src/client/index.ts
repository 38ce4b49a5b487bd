/**
 * `mpac-pgw/client`: what a merchant's Node server imports, and, for what a payment_token opens, a browser. One method
 * an operation, named after it, over the contract's own types; `api` is the whole contract for everything else. Signs,
 * makes Idempotency-Keys, repeats what may pass by itself. Depends on openapi-fetch alone.
 */
import createApi, { type Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../generated/openapi.d.ts';
import { systemClock } from '../lib/clock.ts';
import { PgwError } from './errors.ts';
import type { CallOptions, ClientOptions, TokenOptions, WriteOptions } from './options.ts';
import { createSend } from './send.ts';
import { type Poll, type WaitOptions, waitForEnd } from './wait.ts';

export { type ErrorCode, type ErrorDetails, PgwConnectionError, PgwError, PgwWaitError } from './errors.ts';
export type { CallOptions, ClientOptions, Credentials, TokenOptions, WriteOptions } from './options.ts';
export type { WaitOptions } from './wait.ts';
export type { components, operations, paths };

type Schemas = components['schemas'];
export type PaymentIntent = Schemas['PaymentIntent'];
export type CreatedPaymentIntent = Schemas['CreatedPaymentIntent'];
export type ListQuery = NonNullable<operations['listPaymentIntents']['parameters']['query']>;

/** Every method throws PgwError for a refusal and PgwConnectionError when there is no answer. */
export interface PgwClient {
  /** Every operation of the contract, typed; what it answers is `{ data }` or `{ error }`. */
  readonly api: Client<paths>;
  createPaymentIntent(
    input: Schemas['CreatePaymentIntentRequest'],
    options?: WriteOptions,
  ): Promise<CreatedPaymentIntent>;
  /** One page, newest first. */
  listPaymentIntents(query?: ListQuery, options?: CallOptions): Promise<PaymentIntent[]>;
  /** All that match, newest first, page by page as they are asked for. */
  eachPaymentIntent(query?: ListQuery, options?: CallOptions): AsyncGenerator<PaymentIntent>;
  retrievePaymentIntent(id: string, options?: TokenOptions & CallOptions): Promise<PaymentIntent>;
  /** Starts a payment and answers the code to show; by PayPay QR when nothing else is said. */
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
  /** Records money that staff have taken. @param options.amount the whole amount when absent */
  capturePaymentIntent(
    id: string,
    options?: { readonly amount?: number } & WriteOptions,
  ): Promise<Schemas['CapturedPaymentIntent']>;
  syncMerchants(
    merchants: Schemas['SyncMerchantsRequest']['merchants'],
    options?: WriteOptions,
  ): Promise<Schemas['SyncMerchantsResult']>;
  /**
   * Looks at a PaymentIntent until it has ended: `succeeded`, `cancelled` or `expired`. Every PaymentIntent ends. An
   * outage of up to a minute is waited over.
   * @throws PgwWaitError when `timeoutMs` is over before; PgwConnectionError, or the gateway's PgwError, when by then no
   * look has seen the PaymentIntent
   */
  waitForPayment(id: string, options?: WaitOptions & TokenOptions): Promise<PaymentIntent>;
}

/** A client of the gateway at `options.baseUrl`. */
export function createClient(options: ClientOptions): PgwClient {
  const api = createApi<paths>({ baseUrl: options.baseUrl, fetch: createSend(options) });
  const intent = (id: string) => ({ path: { id } });
  const client: PgwClient = {
    api,
    createPaymentIntent: (body, call = {}) =>
      answerOf(api.POST('/v1/payment_intents', { body, ...written(call) })),
    listPaymentIntents: (query = {}, call = {}) =>
      answerOf(api.GET('/v1/payment_intents', { params: { query }, ...signalOf(call) })),
    eachPaymentIntent: (query, call) => eachOf(client, query, call),
    retrievePaymentIntent: (id, call = {}) =>
      answerOf(
        api.GET('/v1/payment_intents/{id}', {
          params: { ...intent(id), query: tokenOf(call) },
          ...signalOf(call),
        }),
      ),
    confirmPaymentIntent: (id, call = {}) => {
      const { payment_method_type = 'qr_mpm', provider = 'PAYPAY' } = call;
      const body = { ...tokenOf(call), payment_method_type, provider };
      return answerOf(
        api.POST('/v1/payment_intents/{id}/confirm', { params: intent(id), body, ...written(call) }),
      );
    },
    cancelPaymentIntent: (id, call = {}) =>
      answerOf(
        api.POST('/v1/payment_intents/{id}/cancel', {
          params: intent(id),
          body: tokenOf(call),
          ...written(call),
        }),
      ),
    capturePaymentIntent: (id, { amount, ...call } = {}) => {
      const body = amount === undefined ? {} : { amount };
      return answerOf(
        api.POST('/v1/payment_intents/{id}/capture', { params: intent(id), body, ...written(call) }),
      );
    },
    syncMerchants: (merchants, call = {}) =>
      answerOf(api.POST('/v1/sync/merchants', { body: { merchants }, ...written(call) })),
    waitForPayment: (id, call = {}) =>
      waitForEnd(pollOf(client, id, call), call, options.clock ?? systemClock),
  };
  return client;
}

function pollOf(client: PgwClient, id: string, call: TokenOptions): Poll {
  return {
    path: `/v1/payment_intents/${id}`,
    read: (signal) => client.retrievePaymentIntent(id, { ...call, signal }),
  };
}

async function* eachOf(
  client: PgwClient,
  { limit = 100, ...query }: ListQuery = {},
  call: CallOptions = {},
): AsyncGenerator<PaymentIntent> {
  let page = await client.listPaymentIntents({ ...query, limit }, call);
  while (page.length > 0) {
    yield* page;
    const last = page.at(-1)?.id ?? '';
    const { offset: _, ...rest } = query;
    page =
      page.length < limit
        ? []
        : await client.listPaymentIntents({ ...rest, limit, starting_after: last }, call);
  }
}

async function answerOf<T>(result: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await result.catch(unreadable);
  if (data === undefined || !response.ok) {
    throw new PgwError(response, error);
  }
  return data;
}

/** What claims to be an answer and is no JSON. */
function unreadable(error: unknown): never {
  throw error instanceof SyntaxError ? new PgwError(new Response(null), undefined) : error;
}

function written({ idempotencyKey, signal }: WriteOptions): {
  headers?: Record<string, string>;
  signal?: AbortSignal;
} {
  return {
    ...(idempotencyKey !== undefined && { headers: { 'Idempotency-Key': idempotencyKey } }),
    ...(signal && { signal }),
  };
}

function signalOf({ signal }: CallOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function tokenOf({ paymentToken }: TokenOptions): { payment_token?: string } {
  return paymentToken === undefined ? {} : { payment_token: paymentToken };
}
