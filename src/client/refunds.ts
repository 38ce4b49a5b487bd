/**
 * Refunds: create one, follow it to its end, list those that exist.
 */
import type { Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../generated/openapi.d.ts';
import { systemClock } from '../lib/clock.ts';
import { dataOf, eachOf, signalOf, writeInit } from './calls.ts';
import { PgwRefundWaitError } from './errors.ts';
import type { CallOptions, ClientOptions, WriteOptions } from './options.ts';
import { type Poll, waitForEnd } from './wait.ts';

type Refund = components['schemas']['Refund'];
export type RefundsQuery = NonNullable<operations['listRefunds']['parameters']['query']>;

export interface RefundWaitOptions extends CallOptions {
  /** When to give up, in milliseconds; 60,000 by default, because a refund may be pending for days. */
  readonly timeoutMs?: number;
  /** Shortest pause between polls; 1,000 ms by default. Pauses grow with the time waited, up to 15 seconds. */
  readonly intervalMs?: number;
}

export interface RefundMethods {
  /**
   * Refunds a PaymentIntent that succeeded: `amount` of it, or what is left. The result is usually `pending`, which is no
   * promise of money yet; events, or waitForRefund, report how it ends.
   */
  createRefund(input: components['schemas']['CreateRefundRequest'], options?: WriteOptions): Promise<Refund>;
  retrieveRefund(id: string, options?: CallOptions): Promise<Refund>;
  /** One page, newest first. */
  listRefunds(query?: RefundsQuery, options?: CallOptions): Promise<Refund[]>;
  /** All matching refunds, newest first; pages are fetched as the generator is consumed. */
  eachRefund(query?: RefundsQuery, options?: CallOptions): AsyncGenerator<Refund>;
  /**
   * Polls a refund until it has `succeeded` or `failed`. Tolerates an outage of up to a minute.
   * @throws PgwRefundWaitError when it is still pending after `timeoutMs`; PgwConnectionError or PgwError if no poll has
   * returned it by then, or when an outage lasts longer
   */
  waitForRefund(id: string, options?: RefundWaitOptions): Promise<Refund>;
}

const WAIT_MS = 60_000;
/** Pauses are this share of the time waited, so that what takes minutes costs few polls. */
const PAUSE_SHARE = 0.1;
/** Short enough for several polls in an outage that the wait tolerates. */
const MAX_PAUSE_MS = 15_000;

/** The methods of the client for refunds. */
export function refundMethods(api: Client<paths>, { clock = systemClock }: ClientOptions): RefundMethods {
  const methods: RefundMethods = {
    createRefund: (body, call = {}) => dataOf(api.POST('/v1/refunds', { body, ...writeInit(call) })),
    retrieveRefund: (id, call = {}) =>
      dataOf(api.GET('/v1/refunds/{id}', { params: { path: { id } }, ...signalOf(call) })),
    listRefunds: (query = {}, call = {}) =>
      dataOf(api.GET('/v1/refunds', { params: { query }, ...signalOf(call) })),
    eachRefund: (query, call) => eachOf(methods.listRefunds, query, call),
    waitForRefund: (id, { timeoutMs = WAIT_MS, ...call } = {}) =>
      waitForEnd(pollOf(methods, id), { timeoutMs, ...call }, clock),
  };
  return methods;
}

function pollOf({ retrieveRefund }: RefundMethods, id: string): Poll<Refund> {
  return {
    path: `/v1/refunds/${id}`,
    read: (signal) => retrieveRefund(id, { signal }),
    hasEnded: ({ status }) => status !== 'pending',
    pauseMs: (intervalMs, waitedMs) =>
      Math.max(intervalMs, Math.min(Math.round(waitedMs * PAUSE_SHARE), MAX_PAUSE_MS)),
    timedOut: (last) => new PgwRefundWaitError(last),
  };
}
