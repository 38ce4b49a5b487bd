/**
 * The refunds in the details of a payment, those made in PayPay for Business included.
 */
import type { ProviderRefund } from '../provider.ts';
import { objectOf, stringOf } from './transport.ts';
import { isEpoch, moneyOf } from './values.ts';

/** The refunds that PayPay lists in the details of a payment; undefined when it lists none. */
export function readRefundList(data: Record<string, unknown>): ProviderRefund[] | undefined {
  const list = objectOf(data['refunds'])?.['data'];
  if (!Array.isArray(list) || list.length === 0) {
    return undefined;
  }
  return list
    .map(objectOf)
    .map(toProviderRefund)
    .filter((refund) => refund !== undefined);
}

function toProviderRefund(listed: Record<string, unknown> | undefined): ProviderRefund | undefined {
  const money = moneyOf(listed?.['amount']);
  const status = listed?.['status'];
  if (!listed || !money || (status !== 'REFUNDED' && status !== 'CREATED')) {
    return undefined;
  }
  const acceptedAt = listed['acceptedAt'];
  return {
    refundId: refundIdOf(listed, money),
    money,
    status: status === 'REFUNDED' ? 'succeeded' : 'pending',
    acceptedAt:
      typeof acceptedAt === 'number' && isEpoch(acceptedAt) ? new Date(acceptedAt * 1000) : undefined,
  };
}

/** A refund whose id cannot be read still counts, and is recognised when it is read again. */
function refundIdOf(listed: Record<string, unknown>, { amount }: ProviderRefund['money']): string {
  const id = stringOf(listed['merchantRefundId']);
  return id ? id.slice(0, 64) : `unreadable_${amount}_${String(listed['acceptedAt']).slice(0, 20)}`;
}
