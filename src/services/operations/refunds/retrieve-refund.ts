/**
 * retrieveRefund: one refund of the merchant, as it is now.
 */
import type { Refund } from '../../../domain/refunds/refund.ts';
import { refundNotFound } from '../../../domain/refunds/refund-refusals.ts';
import { findRefund } from '../../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../../deps.ts';

/** @throws not_found */
export async function retrieveRefund(
  deps: ServiceDeps,
  { merchantId, refundId }: { readonly merchantId: string; readonly refundId: string },
): Promise<Refund> {
  const refund = await findRefund(deps.db, merchantId, refundId);
  if (!refund) {
    throw refundNotFound();
  }
  return refund;
}
