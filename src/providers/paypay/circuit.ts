/**
 * A circuit breaker around the calls to PayPay: when PayPay is down, requests are told so at once in place of waiting
 * for time-outs one by one, and PayPay is not hammered while it recovers.
 */
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { PayPayAnswer, PayPayCall } from './transport.ts';

export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before one call is let through to try. */
  readonly openMs: number;
}

const DEFAULTS: CircuitOptions = { failures: 8, openMs: 5_000 };

/** Wraps `send`; calls made while the circuit is open are answered `not_sent`. */
export function withCircuit(
  send: (call: PayPayCall) => Promise<PayPayAnswer>,
  { failures, openMs }: CircuitOptions = DEFAULTS,
): (call: PayPayCall) => Promise<PayPayAnswer> {
  const policy = circuitBreaker(
    handleWhenResult((answer) => isOutage(answer as PayPayAnswer)),
    {
      halfOpenAfter: openMs,
      breaker: new ConsecutiveBreaker(failures),
    },
  );
  return async (call) => {
    try {
      return await policy.execute(() => send(call));
    } catch (error) {
      if (error instanceof BrokenCircuitError) return { kind: 'not_sent', cause: error };
      throw error;
    }
  };
}

function isOutage(answer: PayPayAnswer): boolean {
  return answer.kind !== 'answer' || answer.httpStatus >= 500;
}
