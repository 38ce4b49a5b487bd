/**
 * Finds a payment by whatever somebody reads out on the phone: the id of the intent, of an attempt or of a refund, the
 * provider's number of the payment, or the merchant's reference of the order.
 */
import { DomainError } from '../../../domain/errors.ts';
import { scopeOfShop } from '../../../domain/operators/scope.ts';
import type { Payment } from '../../../domain/payment.ts';
import { isId } from '../../../lib/ids.ts';
import type { Db } from '../../../store/db/query.ts';
import { listCreatedPayments, listIntentIdsOfProviderPayment } from '../../../store/operator/payments.ts';
import { findAnyPayment, findPaymentOfAttempt } from '../../../store/payments.ts';
import { findAnyRefund } from '../../../store/refunds/refunds.ts';

/** More payments are not named when several match. */
const NAMED = 10;

/**
 * @param merchantId if given, only a payment of this merchant is found
 * @throws not_found when there is none, invalid_request when there are several
 */
export async function findPaymentBy(db: Db, name: string, merchantId: string | undefined): Promise<Payment> {
  const ids = await listIds(db, name, merchantId);
  const payments = await Promise.all(ids.map((id) => findAnyPayment(db, id)));
  const found = payments.filter(
    (payment) => payment && (merchantId === undefined || payment.intent.merchantId === merchantId),
  );
  const [payment, ...others] = found;
  if (!payment) {
    throw new DomainError(
      'not_found',
      `There is no payment ${name}: give the id of a payment intent, an attempt or a refund, PayPay's number, or the order's reference`,
    );
  }
  if (others.length > 0) {
    const named = found.map((each) => `${each?.intent.id} (${each?.intent.merchantId})`).join(', ');
    throw new DomainError('invalid_request', `Several payments match ${name}; give the id of one: ${named}`);
  }
  return payment;
}

async function listIds(db: Db, name: string, merchantId: string | undefined): Promise<readonly string[]> {
  if (isId('pi', name)) {
    return [name];
  }
  if (isId('pa', name)) {
    return present((await findPaymentOfAttempt(db, name))?.intent.id);
  }
  if (isId('re', name)) {
    return present((await findAnyRefund(db, name))?.intentId);
  }
  const [byNumber, byReference] = await Promise.all([
    listIntentIdsOfProviderPayment(db, name, NAMED),
    listCreatedPayments(
      db,
      { scope: scopeOfShop(merchantId), merchantRefId: name },
      { order: 'newest', limit: NAMED, after: undefined },
    ),
  ]);
  return [...new Set([...byNumber, ...byReference.map(({ intent }) => intent.id)])];
}

function present(id: string | undefined): string[] {
  return id === undefined ? [] : [id];
}
