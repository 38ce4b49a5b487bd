/**
 * A circuit breaker around the calls to PayPay. While PayPay is down, calls fail immediately instead of each waiting for
 * its own timeout, and PayPay is not flooded while it recovers. Failures are counted per merchant, so that one merchant's
 * account or payer does not stop the calls of the others. The circuit opens for everybody only if several merchants fail in
 * a row.
 */
import { type Clock, monotonicMs } from '../../lib/clock.ts';
import type { CircuitState } from '../provider.ts';
import type { PayPayCall, PayPayResponse } from './transport.ts';

export interface CircuitOptions {
  /** Consecutive failures that open the circuit. */
  readonly failures: number;
  /** How long the circuit stays open before one call is let through as a probe. */
  readonly openMs: number;
}

const DEFAULTS: CircuitOptions = { failures: 8, openMs: 5_000 };
/** How many merchants must fail in a row. Fewer may fail for reasons of their own while PayPay works for everybody else. */
const MERCHANTS_OF_AN_OUTAGE = 3;

/** Failures since the last success. */
interface Run {
  failures: number;
  readonly merchants: Set<string>;
  /** Monotonic time of the next probe, once the circuit is open. */
  probeAtMs: number;
}

type Send = (call: PayPayCall) => Promise<PayPayResponse>;

export interface Circuit {
  readonly send: Send;
  state(): CircuitState;
}

/** Wraps `send`; calls made while the circuit is open resolve to `not_sent`. */
export function createCircuit(
  send: Send,
  clock: Clock,
  { failures, openMs }: CircuitOptions = DEFAULTS,
): Circuit {
  const byMerchant = new Map<string, Run>();
  let all = newRun();
  const isOpen = (run: Run, merchants: number) => run.failures >= failures && run.merchants.size >= merchants;
  const recordFailure = (merchantId: string) => {
    const own = byMerchant.get(merchantId) ?? newRun();
    byMerchant.set(merchantId, own);
    for (const run of [own, all]) {
      run.failures += 1;
      run.merchants.add(merchantId);
      run.probeAtMs = monotonicMs(clock) + openMs;
    }
  };
  const state = (): CircuitState => ({
    isOpen: isOpen(all, MERCHANTS_OF_AN_OUTAGE),
    openMerchants: [...byMerchant.values()].filter((run) => isOpen(run, 1)).length,
    failures: all.failures,
  });
  const sendGuarded: Send = async (call) => {
    const own = byMerchant.get(call.merchantId) ?? newRun();
    const open = [...(isOpen(own, 1) ? [own] : []), ...(isOpen(all, MERCHANTS_OF_AN_OUTAGE) ? [all] : [])];
    const nowMs = monotonicMs(clock);
    if (open.some(({ probeAtMs }) => nowMs < probeAtMs)) {
      return { kind: 'not_sent', cause: new Error('the circuit is open') };
    }
    for (const run of open) {
      // This call is the probe. The next is allowed after this one's response, or after another pause.
      run.probeAtMs = nowMs + openMs;
    }
    const response = await send(call);
    if (isOutage(response)) {
      recordFailure(call.merchantId);
    } else {
      byMerchant.delete(call.merchantId);
      all = newRun();
    }
    return response;
  };
  return { send: sendGuarded, state };
}

function newRun(): Run {
  return { failures: 0, merchants: new Set(), probeAtMs: 0 };
}

function isOutage(response: PayPayResponse): boolean {
  return response.kind !== 'answer' || response.httpStatus >= 500;
}
