/**
 * Refunds at PayPay: asynchronous; CREATED is accepted and PayPay carries it out until REFUNDED. Our refund id is the
 * idempotency key, so that repeating a create answers with the refund it made before.
 */
import type { RefundOutcome, Refunds } from '../provider.ts';
import type { Send } from './codes.ts';
import { decide, failureOutcome, unreadableAnswer } from './outcomes.ts';
import { objectOf, type PayPayOperation, type PayPayResponse } from './transport.ts';

const MAX_REASON_LENGTH = 255;

export function createRefunds(send: Send): Refunds {
  return {
    async createRefund({ account, refundId, providerPaymentId, money, reason, requestedAt }) {
      const answer = await send({
        operation: 'createRefund',
        method: 'POST',
        path: '/v2/refunds',
        merchantId: account.merchantId,
        body: {
          merchantRefundId: refundId,
          paymentId: providerPaymentId,
          amount: money,
          requestedAt: Math.floor(requestedAt.getTime() / 1000),
          ...(reason !== undefined && { reason: reason.slice(0, MAX_REASON_LENGTH) }),
        },
      });
      return toRefundOutcome('createRefund', answer);
    },
    async readRefund({ account, refundId, providerPaymentId }) {
      const answer = await send({
        operation: 'refundDetails',
        method: 'GET',
        path: `/v2/refunds/${encodeURIComponent(refundId)}`,
        query: `paymentId=${encodeURIComponent(providerPaymentId)}`,
        merchantId: account.merchantId,
      });
      return toRefundOutcome('refundDetails', answer);
    },
  };
}

function toRefundOutcome(operation: PayPayOperation, answer: PayPayResponse): RefundOutcome {
  const decision = decide(operation, answer);
  switch (decision) {
    case 'success':
      return readRefundStatus(answer);
    case 'not_found':
      return { kind: 'not_found' };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, answer);
    default:
      return failureOutcome('unknown', answer);
  }
}

function readRefundStatus(answer: PayPayResponse): RefundOutcome {
  const status = answer.kind === 'answer' ? objectOf(answer.data)?.['status'] : undefined;
  if (status === 'REFUNDED') {
    return { kind: 'succeeded' };
  }
  if (status === 'CREATED') {
    return { kind: 'pending' };
  }
  return unreadableAnswer('PayPay answered with a refund status that is not known', answer);
}
