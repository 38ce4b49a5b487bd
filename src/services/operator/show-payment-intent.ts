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
    ...(intent.providerPaymentId === undefined
      ? []
      : [`the provider's payment number is ${intent.providerPaymentId}`]),
    `created ${intent.createdAt.toISOString()}  expires ${intent.expiresAt.toISOString()}`,
    '',
    'attempts',
    ...attempts.map(
      (attempt) =>
        `  ${attempt.id}  ${attempt.status}  ${attempt.provider}  payment ${attempt.providerPaymentId ?? '-'}  checked ${attempt.checkedAt?.toISOString() ?? '-'}`,
    ),
    'refunds',
    ...refunds.map(describeRefund),
    'events',
    ...events.map(
      (event) =>
        `  ${event.createdAt.toISOString()}  ${event.type}  by ${event.actor}${event.attemptId ? `  ${event.attemptId}` : ''}  ${JSON.stringify(event.data)}`,
    ),
  ];
  return { json: { intent, attempts, refunds, events }, text: lines.join('\n') };
}

function describeRefund(refund: Refund): string {
  const { id, status, money, origin, method, reason, returnReason, merchantStaffId, merchantTerminalId } =
    refund;
  const parts = [
    id,
    status,
    `${money.amount} ${money.currency}`,
    `by ${origin}`,
    method,
    returnReason ?? reason,
    merchantStaffId === undefined ? undefined : `staff ${merchantStaffId}`,
    merchantTerminalId === undefined ? undefined : `till ${merchantTerminalId}`,
    describeProgress(refund),
  ];
  return `  ${parts.filter((part) => part !== undefined).join('  ')}`;
}

/** Why it is pending, and when it is tried again; or why it failed. */
function describeProgress(refund: Refund): string | undefined {
  const { pendingReason, lastErrorCode, failure, tries, nextTryAt } = refund;
  if (failure) {
    return `${failure.code}: ${failure.message}  tries ${tries}`;
  }
  if (pendingReason === undefined) {
    return tries > 0 ? `tries ${tries}` : undefined;
  }
  const error = lastErrorCode === undefined ? '' : ` (${lastErrorCode})`;
  return `${pendingReason}${error}  tries ${tries}  next ${nextTryAt?.toISOString() ?? '-'}`;
}
