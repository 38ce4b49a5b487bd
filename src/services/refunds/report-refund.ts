/**
 * Reports what has happened to a refund to the metrics and, if it failed, to the log. Called once per change, after its commit.
 */
import type { RefundChange } from '../../domain/refunds/refund.ts';
import type { ServiceDeps } from '../deps.ts';

const OUTCOMES = {
  refund_created: 'created',
  refund_succeeded: 'succeeded',
  refund_failed: 'failed',
} as const;

export function reportRefund(
  { log, metrics }: Pick<ServiceDeps, 'log' | 'metrics'>,
  { refund, events }: Pick<RefundChange, 'refund' | 'events'>,
): void {
  const { id: refundId, intentId, merchantId, origin, failure } = refund;
  for (const { type } of events) {
    const outcome = type in OUTCOMES ? OUTCOMES[type as keyof typeof OUTCOMES] : undefined;
    if (outcome) {
      metrics.refundMoved(origin, outcome, failure?.code ?? 'none');
    }
    if (outcome === 'failed') {
      log.warn({ refundId, intentId, merchantId, code: failure?.code }, 'a refund failed');
    }
  }
}
