/**
 * Tag Refunds: a handler unpacks, calls one service, presents.
 */
import { parseDateTime } from '../../lib/date-time.ts';
import { presentRefund } from '../../presenters/refund.ts';
import { createRefund } from '../../services/operations/refunds/create-refund.ts';
import { listRefunds } from '../../services/operations/refunds/list-refunds.ts';
import { retrieveRefund } from '../../services/operations/refunds/retrieve-refund.ts';
import { actContextOf, actorOf, keyOf, requireMerchantId, storesOf } from '../caller.ts';
import type { Handlers } from '../openapi/contract.ts';

export const refundHandlers = {
  async createRefund({ deps, caller, source, body }) {
    const command = {
      merchantId: requireMerchantId(caller),
      storeIds: storesOf(caller),
      actor: actorOf(caller),
      intentId: body.payment_intent_id,
      amount: body.amount,
      method: body.method,
      mayReturnInCash: keyOf(caller)?.scopes.includes('refunds:cash') ?? false,
      maxAmount: keyOf(caller)?.maxRefundAmount,
      reason: body.reason,
      description: body.description,
      merchantRefundRefId: body.merchant_refund_ref_id,
      merchantStaffId: body.merchant_staff_id,
      merchantTerminalId: body.merchant_terminal_id,
    };
    const refund = await createRefund(deps, command, actContextOf(caller, source));
    return { status: 201, body: presentRefund(refund) };
  },

  async listRefunds({ deps, caller, query }) {
    const refunds = await listRefunds(deps, {
      merchantId: requireMerchantId(caller),
      storeIds: storesOf(caller),
      intentId: query.payment_intent_id,
      merchantStoreId: query.merchant_store_id,
      merchantRefundRefId: query.merchant_refund_ref_id,
      status: query.status,
      reason: query.reason,
      createdFrom: query.created_from === undefined ? undefined : parseDateTime(query.created_from),
      createdTo: query.created_to === undefined ? undefined : parseDateTime(query.created_to),
      startingAfter: query.starting_after,
      limit: query.limit ?? 20,
    });
    return { status: 200, body: refunds.map(presentRefund) };
  },

  async retrieveRefund({ deps, caller, path }) {
    const refund = await retrieveRefund(deps, { merchantId: requireMerchantId(caller), refundId: path.id });
    return { status: 200, body: presentRefund(refund) };
  },
} satisfies Partial<Handlers>;
