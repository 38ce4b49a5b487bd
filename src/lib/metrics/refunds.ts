/**
 * Metrics of refunds. Every series begins at 0, because Prometheus sees no increase in one that begins at 1.
 */
import { Counter, type Registry } from 'prom-client';

export interface RefundMetrics {
  /**
   * A refund was created, or ended.
   * @param origin who made it
   * @param failureCode why it failed; `none` if it did not
   */
  refundMoved(
    origin: 'merchant' | 'gateway' | 'provider',
    outcome: 'created' | 'succeeded' | 'failed',
    failureCode: string,
  ): void;
}

/** Other codes are counted as `other`. */
export const COUNTED_FAILURES: readonly string[] = [
  'several_refunds_not_allowed',
  'payer_account_closed',
  'payer_account_inactive',
  'refund_window_exceeded',
  'refund_limit_exceeded',
  'payment_not_available',
  'not_refundable',
  'provider_refused',
];
const NO_FAILURE = 'none';
const OTHER = 'other';

export function createRefundMetrics(registers: Registry[]): RefundMetrics {
  const refunds = new Counter({
    name: 'pgw_refunds_total',
    help: 'Refunds by who made them: created, succeeded, and failed by code',
    labelNames: ['origin', 'outcome', 'code'],
    registers,
  });
  for (const origin of ['merchant', 'gateway', 'provider']) {
    refunds.inc({ origin, outcome: 'created', code: NO_FAILURE }, 0);
    refunds.inc({ origin, outcome: 'succeeded', code: NO_FAILURE }, 0);
  }
  for (const code of [...COUNTED_FAILURES, OTHER]) {
    refunds.inc({ origin: 'merchant', outcome: 'failed', code }, 0);
  }
  return {
    refundMoved(origin, outcome, failureCode) {
      const isListed = failureCode === NO_FAILURE || COUNTED_FAILURES.includes(failureCode);
      refunds.inc({ origin, outcome, code: isListed ? failureCode : OTHER });
    },
  };
}
