/**
 * `pgw intents show`: the whole story of a payment intent, for the operator on the phone with a merchant.
 */
import type { Knex } from 'knex';
import { intentNotFound } from '../../domain/errors.ts';
import { listEvents } from '../../store/payment-events.ts';
import { lockPayment } from '../../store/payments.ts';
import { listRefunds } from '../../store/refunds.ts';

/** @throws not_found */
export async function describeIntent(db: Knex, id: string): Promise<{ json: unknown; text: string }> {
  const [payment, events, refunds] = await Promise.all([
    lockPayment(db, id),
    listEvents(db, id),
    listRefunds(db, id),
  ]);
  if (!payment) {
    throw intentNotFound();
  }
  const { intent, attempts } = payment;
  const lines = [
    `${intent.id}  ${intent.status}  ${intent.amount} ${intent.currency}  merchant ${intent.merchantId}  ref ${intent.merchantRefId}`,
    `created ${intent.createdAt.toISOString()}  expires ${intent.expiresAt.toISOString()}`,
    '',
    'attempts',
    ...attempts.map(
      (attempt) =>
        `  ${attempt.id}  ${attempt.status}  ${attempt.provider}  payment ${attempt.providerPaymentId ?? '-'}  looked ${attempt.checkedAt?.toISOString() ?? '-'}`,
    ),
    'refunds',
    ...refunds.map(
      (refund) =>
        `  ${refund.id}  ${refund.status}  ${refund.money.amount} ${refund.money.currency}  ${refund.reason}  by ${refund.method ?? '-'}  tries ${refund.tries}`,
    ),
    'events',
    ...events.map(
      (event) =>
        `  ${event.createdAt.toISOString()}  ${event.type}  by ${event.actor}${event.attemptId ? `  ${event.attemptId}` : ''}  ${JSON.stringify(event.data)}`,
    ),
  ];
  return { json: { intent, attempts, refunds, events }, text: lines.join('\n') };
}
