/**
 * A circuit breaker around the calls to PayPay: when PayPay is down, requests are told so at once in place of waiting
 * for time-outs one by one, and PayPay is not hammered while it recovers.
 */
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { PayPayCall, PayPayResponse } from './transport.ts';

export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before one call is let through to try. */
  readonly openMs: number;
}

const DEFAULTS: CircuitOptions = { failures: 8, openMs: 5_000 };

/** Wraps `send`; calls made while the circuit is open are answered `not_sent`. */
export function withCircuit(
  send: (call: PayPayCall) => Promise<PayPayResponse>,
  { failures, openMs }: CircuitOptions = DEFAULTS,
): (call: PayPayCall) => Promise<PayPayResponse> {
  const policy = circuitBreaker(
    handleWhenResult((answer) => isOutage(answer as PayPayResponse)),
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

function isOutage(answer: PayPayResponse): boolean {
  return answer.kind !== 'answer' || answer.httpStatus >= 500;
}
