/**
 * Refunds as the contract shows them. Optional fields that are unset are absent from the JSON.
 */
import type { components } from '../../generated/openapi.d.ts';
import type { Refund } from '../domain/refunds/refund.ts';
import { presentTimestamp } from './timestamp.ts';

type Schemas = components['schemas'];

export function presentRefund(refund: Refund): Schemas['Refund'] {
  const { status, pendingReason, failure, reason, description, endedAt } = refund;
  const { merchantRefundRefId, merchantStoreId, merchantStaffId, merchantTerminalId } = refund;
  return {
    id: refund.id,
    payment_intent_id: refund.intentId,
    amount: refund.money.amount,
    currency: refund.money.currency,
    status,
    ...(pendingReason && { pending_reason: pendingReason }),
    ...(failure && { failure: { code: failure.code, message: failure.message } }),
    ...(reason && { reason }),
    ...(description !== undefined && { description }),
    method: refund.method,
    origin: refund.origin,
    ...(merchantRefundRefId !== undefined && { merchant_refund_ref_id: merchantRefundRefId }),
    ...(merchantStoreId !== undefined && { merchant_store_id: merchantStoreId }),
    ...(merchantStaffId !== undefined && { merchant_staff_id: merchantStaffId }),
    ...(merchantTerminalId !== undefined && { merchant_terminal_id: merchantTerminalId }),
    created_at: presentTimestamp(refund.createdAt),
    ...(endedAt && status === 'succeeded' && { succeeded_at: presentTimestamp(endedAt) }),
    ...(endedAt && status === 'failed' && { failed_at: presentTimestamp(endedAt) }),
  };
}
