/**
 * `pgw intents show`: everything known about a payment intent, for the operator on the phone with a merchant. Reads
 * without locking, so that it neither waits for a payment in progress nor delays one.
 */
import type { Knex } from 'knex';
import { intentNotFound } from '../../domain/errors.ts';
import type { Refund } from '../../domain/refunds/refund.ts';
import { listEvents } from '../../store/payment-events.ts';
import { findAnyPayment } from '../../store/payments.ts';
import { listRefundsOfIntent } from '../../store/refunds/refund-lists.ts';

const SHOWN_REFUNDS = 200;

/**
 * @returns the same as JSON and as text for people
 * @throws not_found
 */
export async function describeIntent(db: Knex, id: string): Promise<{ json: unknown; text: string }> {
  const payment = await findAnyPayment(db, id);
  if (!payment) {
    throw intentNotFound();
  }
  const [events, refunds] = await Promise.all([
    listEvents(db, id),
    listRefundsOfIntent(db, id, SHOWN_REFUNDS),
  ]);
  const { intent, attempts } = payment;
  const lines = [
    `${intent.id}  ${intent.status}  ${intent.amount} ${intent.currency}  merchant ${intent.merchantId}  ref ${intent.merchantRefId}`,
    `created ${intent.createdAt.toISOString()}  expires ${intent.expiresAt.toISOString()}`,
    '',
    'attempts',
    ...attempts.map(
      (attempt) =>
        `  ${attempt.id}  ${attempt.status}  ${attempt.provider}  payment ${attempt.providerPaymentId ?? '-'}  checked ${attempt.checkedAt?.toISOString() ?? '-'}`,
    ),
    'refunds',
    ...refunds.map(
      (refund) =>
        `  ${refund.id}  ${refund.status}  ${refund.money.amount} ${refund.money.currency}  ${refund.origin}  ${refund.method}  ${describeState(refund)}  tries ${refund.tries}`,
    ),
    'events',
    ...events.map(
      (event) =>
        `  ${event.createdAt.toISOString()}  ${event.type}  by ${event.actor}${event.attemptId ? `  ${event.attemptId}` : ''}  ${JSON.stringify(event.data)}`,
    ),
  ];
  return { json: { intent, attempts, refunds, events }, text: lines.join('\n') };
}

function describeState({ pendingReason, failure, returnReason, reason, lastErrorCode }: Refund): string {
  const why = returnReason ?? reason;
  const error = failure?.code ?? lastErrorCode;
  return [why, pendingReason, error].filter((word) => word !== undefined).join('  ') || '-';
}
