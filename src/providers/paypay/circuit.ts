/**
 * A circuit breaker around the calls to PayPay. While PayPay is down, calls fail immediately instead of each waiting
 * for its own timeout, and PayPay is not flooded while it recovers.
 */
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { PayPayCall, PayPayResponse } from './transport.ts';

export interface CircuitOptions {
  /** Consecutive failures that open the circuit. */
  readonly failures: number;
  /** How long the circuit stays open before one call is let through as a probe. */
  readonly openMs: number;
}

const DEFAULTS: CircuitOptions = { failures: 8, openMs: 5_000 };

/** Wraps `send`; calls made while the circuit is open resolve to `not_sent`. */
export function withCircuit(
  send: (call: PayPayCall) => Promise<PayPayResponse>,
  { failures, openMs }: CircuitOptions = DEFAULTS,
): (call: PayPayCall) => Promise<PayPayResponse> {
  const policy = circuitBreaker(
    handleWhenResult((response) => isOutage(response as PayPayResponse)),
    {
      halfOpenAfter: openMs,
      breaker: new ConsecutiveBreaker(failures),
    },
  );
  return async (call) => {
    try {
      return await policy.execute(() => send(call));
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        return { kind: 'not_sent', cause: error };
      }
      throw error;
    }
  };
}

function isOutage(response: PayPayResponse): boolean {
  return response.kind !== 'answer' || response.httpStatus >= 500;
}
