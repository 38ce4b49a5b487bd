/**
 * Refunds at PayPay. They are asynchronous: CREATED means accepted, REFUNDED means completed. The gateway's refund id
 * is the idempotency key, so a repeated create returns the refund that the first one created.
 */
import type { RefundOutcome, Refunds } from '../provider.ts';
import type { Send } from './codes.ts';
import { decide, failureOutcome, reasonOf, unreadableResponse } from './outcomes.ts';
import { isOperational, refundFailureOf } from './refund-failures.ts';
import { textFields } from './text.ts';
import { objectOf, type PayPayOperation, type PayPayResponse } from './transport.ts';

const OTHER_REFUND_PENDING = 'THROTTLED_MULTIPLE_REFUND_REJECTED';
/** PayPay asks for one minute (PayPay OPA documentation, Refund a Payment). */
const OTHER_REFUND_WAIT_MS = 60_000;

export function createRefunds(send: Send): Refunds {
  return {
    async createRefund({ account, refundId, providerPaymentId, money, reason, requestedAt }) {
      const response = await send({
        operation: 'createRefund',
        objectId: refundId,
        method: 'POST',
        path: '/v2/refunds',
        merchantId: account.merchantId,
        body: {
          merchantRefundId: refundId,
          paymentId: providerPaymentId,
          amount: money,
          requestedAt: Math.floor(requestedAt.getTime() / 1000),
          ...textFields({ reason }),
        },
      });
      return toRefundOutcome('createRefund', response);
    },
    async readRefund({ account, refundId, providerPaymentId }) {
      const response = await send({
        operation: 'refundDetails',
        objectId: refundId,
        method: 'GET',
        path: `/v2/refunds/${encodeURIComponent(refundId)}`,
        query: `paymentId=${encodeURIComponent(providerPaymentId)}`,
        merchantId: account.merchantId,
      });
      return toRefundOutcome('refundDetails', response);
    },
  };
}

function toRefundOutcome(operation: PayPayOperation, response: PayPayResponse): RefundOutcome {
  const decision = decide(operation, response);
  const code = response.kind === 'answer' ? response.code : undefined;
  if (code === OTHER_REFUND_PENDING) {
    return { kind: 'other_refund_pending', reason: reasonOf(response), retryAfterMs: OTHER_REFUND_WAIT_MS };
  }
  switch (decision) {
    case 'success':
      return readRefundStatus(response);
    case 'not_found':
      return { kind: 'not_found' };
    case 'declined':
      return isOperational(response)
        ? failureOutcome('unavailable', response)
        : { kind: 'declined', reason: refundFailureOf(code, reasonOf(response)) };
    case 'unavailable':
      return failureOutcome(decision, response);
    default:
      return failureOutcome('unknown', response);
  }
}

function readRefundStatus(response: PayPayResponse): RefundOutcome {
  const status = response.kind === 'answer' ? objectOf(response.data)?.['status'] : undefined;
  if (status === 'REFUNDED') {
    return { kind: 'succeeded' };
  }
  if (status === 'CREATED') {
    return { kind: 'pending' };
  }
  return unreadableResponse('PayPay returned an unknown refund status', response);
}
