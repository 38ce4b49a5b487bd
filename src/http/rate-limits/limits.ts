/**
 * Rate limits in fixed one-minute windows. Strangers, payers and merchants are counted separately, so that none of them can
 * use up the limit of another; the global limit counts authenticated requests. The limits add no database statement to a
 * request.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { networkOf } from '../../lib/net/address-ranges.ts';
import type { Caller } from '../caller.ts';
import {
  type CounterFactory,
  type Maybe,
  type RateCounter,
  WINDOW_SECONDS,
  type Window,
} from './counters.ts';

/** What a window counts; `details.scope` of a refusal. */
export type LimitScope =
  | 'global'
  | 'merchant'
  | 'merchant_payers'
  | 'payment_intent'
  | 'strangers'
  | 'client_address';

/** The header is promised on every response, so this is shown where a limit is switched off. */
const NO_LIMIT = 2_147_483_647;
/** Two requests a second for one payment: more than a polling page needs, reloads included. */
const PAYERS_PER_INTENT = 120;
/** The share of the global limit for all strangers together. */
const STRANGERS_SHARE = 1 / 5;
/** The share of the strangers' limit for those of one network. */
const ADDRESS_SHARE = 1 / 4;

/** Headers are set on Node's response, because Koa's own method costs more than the counting. */
export interface HeaderTarget {
  setHeader(name: string, value: string): unknown;
}

/** Each method sets the headers of the window with the fewest requests left; the counting ones throw rate_limit_exceeded. */
export interface RateLimits {
  /** Counts a request whose caller has been authenticated. */
  countCaller(target: HeaderTarget, caller: Caller): Maybe<void>;
  /** Counts a request whose caller is not known. */
  countStranger(target: HeaderTarget, clientAddress: string | undefined): Maybe<void>;
  /** Sets the headers of the global window without counting, for requests that are never refused. */
  showGlobal(target: HeaderTarget): Maybe<void>;
}

export interface RateLimitOptions {
  /** Requests a minute; 0 switches the limit off. */
  readonly global: number;
  readonly merchant: number;
  /** A merchant's own limit, if it has one; read from memory. */
  readonly merchantOverride?: (merchantId: string) => number | undefined;
  readonly counters: CounterFactory;
  /** For X-RateLimit-Reset, which must be the same on all nodes. */
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'rateLimited'>;
}

/** One window that a request counts in. */
interface Quota {
  readonly scope: LimitScope;
  readonly key: string;
  /** 0 switches it off. */
  readonly limit: number;
}

export function createRateLimits(options: RateLimitOptions): RateLimits {
  const counters = createCounters(options.counters);
  const global: Quota = { scope: 'global', key: 'all', limit: options.global };
  const strangers: Quota = {
    scope: 'strangers',
    key: 'all',
    limit: shareOf(options.global, STRANGERS_SHARE),
  };
  const perAddress = shareOf(strangers.limit, ADDRESS_SHARE);
  const limitOf = (merchantId: string) => options.merchantOverride?.(merchantId) ?? options.merchant;
  const setHeaders = headersBy(options.clock);
  const count = createCount(counters, options.metrics, setHeaders);
  return {
    countCaller: (target, caller) => count(target, [...ownQuotas(caller, limitOf), global]),
    countStranger(target, clientAddress) {
      const own: Quota = {
        scope: 'client_address',
        key: networkOf(clientAddress ?? 'unknown'),
        limit: perAddress,
      };
      return count(target, [own, strangers]);
    },
    showGlobal(target) {
      if (global.limit === 0) {
        return setHeaders(target, NO_LIMIT, fresh());
      }
      return whenKnown(counters.global.read(global.key), (window) =>
        setHeaders(target, global.limit, window ?? fresh()),
      );
    },
  };
}

/** The windows of one caller. Counted before the global window, which must not count requests that these refuse. */
function ownQuotas(caller: Caller, limitOf: (merchantId: string) => number): Quota[] {
  if (caller.kind === 'api_key' && caller.key.merchantId !== undefined) {
    const { merchantId } = caller.key;
    return [{ scope: 'merchant', key: merchantId, limit: limitOf(merchantId) }];
  }
  if (caller.kind === 'payer') {
    const { intentId, merchantId } = caller;
    const limit = limitOf(merchantId);
    return [
      { scope: 'payment_intent', key: intentId, limit: limit === 0 ? 0 : PAYERS_PER_INTENT },
      { scope: 'merchant_payers', key: merchantId, limit },
    ];
  }
  return [];
}

type Counters = Readonly<Record<LimitScope, RateCounter>>;

function createCounters(create: CounterFactory): Counters {
  return {
    global: create('global'),
    merchant: create('merchant'),
    merchant_payers: create('merchant_payers'),
    payment_intent: create('payment_intent'),
    strangers: create('strangers'),
    client_address: create('client_address'),
  };
}

/** Counts in one window after the other, because a request that one refuses must not count in the next. */
function createCount(counters: Counters, metrics: RateLimitOptions['metrics'], setHeaders: SetHeaders) {
  return function count(
    target: HeaderTarget,
    quotas: readonly Quota[],
    index = 0,
    tightest?: Counted,
  ): Maybe<void> {
    const quota = quotas[index];
    if (!quota) {
      return setHeaders(target, tightest?.limit ?? NO_LIMIT, tightest?.window ?? fresh());
    }
    if (quota.limit <= 0) {
      return count(target, quotas, index + 1, tightest);
    }
    return whenKnown(counters[quota.scope].increment(quota.key), (window) => {
      const isRefused = window.count > quota.limit;
      metrics.rateLimited(quota.scope, isRefused ? 'refused' : 'passed');
      if (isRefused) {
        setHeaders(target, quota.limit, window);
        throw exceeded(quota, window.resetInMs);
      }
      const counted = { limit: quota.limit, window };
      return count(
        target,
        quotas,
        index + 1,
        tightest && leftIn(tightest) <= leftIn(counted) ? tightest : counted,
      );
    });
  };
}

interface Counted {
  readonly limit: number;
  readonly window: Window;
}

function leftIn({ limit, window }: Counted): number {
  return limit - window.count;
}

/** Runs synchronously when the count is local, and later when it comes from another process. */
function whenKnown<T>(value: Maybe<T>, use: (value: T) => Maybe<void>): Maybe<void> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** At least 1, so that a small limit does not become 0, which would switch it off. */
function shareOf(limit: number, share: number): number {
  return limit === 0 ? 0 : Math.max(1, Math.floor(limit * share));
}

function fresh(): Window {
  return { count: 0, resetInMs: WINDOW_SECONDS * 1000 };
}

type SetHeaders = (target: HeaderTarget, limit: number, window: Window) => void;

function headersBy(clock: Clock): SetHeaders {
  return (target, limit, { count, resetInMs }) => {
    target.setHeader('X-RateLimit-Limit', String(limit));
    target.setHeader('X-RateLimit-Remaining', String(Math.max(limit - count, 0)));
    target.setHeader('X-RateLimit-Reset', String(Math.ceil((clock.now().getTime() + resetInMs) / 1000)));
  };
}

function exceeded({ scope, limit }: Quota, retryAfterMs: number): DomainError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new DomainError('rate_limit_exceeded', `Too many requests; try again in ${seconds} seconds`, {
    details: { scope, limit },
    retryAfterMs,
  });
}
