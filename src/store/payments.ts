/**
 * Payments: loads, locks and saves an intent with its attempts as one aggregate. The lock of the intent's row is the
 * lock of the payment; every change of an attempt takes it first.
 */
import type { Change, Payment, PaymentAttempt, PaymentIntent } from '../domain/payment.ts';
import { isId } from '../lib/ids.ts';
import { storableText } from '../lib/text.ts';
import { batchedRead } from './db/batches.ts';
import { type Db, executePrepared, queryPrepared, storableJson } from './db/query.ts';
import { APPEND_EVENTS, eventsBinding, type StoredEvent } from './payment-events.ts';
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  INTENT_COLUMNS,
  type IntentRow,
  type JoinedRow,
  PREFIXED_ATTEMPT_COLUMNS,
  PREFIXED_INTENT_COLUMNS,
  toAttempt,
  toAttemptRow,
  toPayment,
  toPayments,
} from './payment-rows.ts';

export interface TokenHolder {
  readonly payment: Payment;
  readonly paymentTokenHash: Buffer;
}

/** The payment and the hash of its payment_token; undefined when there is no such intent. */
export const findTokenHolder: (db: Db, intentId: string) => Promise<TokenHolder | undefined> = batchedRead(
  async (db, intentIds: readonly string[]) => {
    const rows = await queryPrepared<JoinedRow & { payment_token_hash: Buffer }>(
      db,
      `select ${PREFIXED_INTENT_COLUMNS}, i.payment_token_hash, ${PREFIXED_ATTEMPT_COLUMNS}
       from payment_intents i left join payment_attempts a on a.intent_id = i.id
       where i.id = any(cast(:intentIds as text[])) order by i.id, a.id`,
      { intentIds: [...new Set(intentIds)] },
    );
    const payments = toPayments(rows);
    const hashes = new Map(rows.map((row) => [row.id, row.payment_token_hash]));
    return intentIds.map((intentId) => {
      const [payment, paymentTokenHash] = [payments.get(intentId), hashes.get(intentId)];
      return payment && paymentTokenHash && { payment, paymentTokenHash };
    });
  },
);

/** The payment, or undefined when this merchant has none with that id. */
export async function findPayment(
  db: Db,
  merchantId: string,
  intentId: string,
): Promise<Payment | undefined> {
  const payment = await findAnyPayment(db, intentId);
  return payment?.intent.merchantId === merchantId ? payment : undefined;
}

/** The payment of any merchant; for the operator. */
export async function findAnyPayment(db: Db, intentId: string): Promise<Payment | undefined> {
  // A malformed id is not looked up: it may contain characters that PostgreSQL refuses.
  return isId('pi', intentId) ? (await findTokenHolder(db, intentId))?.payment : undefined;
}

/** The payment, locked until the transaction ends; undefined when there is none. */
export async function lockPayment(
  trx: Db,
  intentId: string,
  merchantId?: string,
): Promise<Payment | undefined> {
  // A malformed id is not looked up: it may contain characters that PostgreSQL refuses.
  if (!isId('pi', intentId)) {
    return undefined;
  }
  const [intent] = await queryPrepared<IntentRow>(
    trx,
    `select ${INTENT_COLUMNS} from payment_intents
     where id = :intentId and (cast(:merchantId as text) is null or merchant_id = :merchantId) for update`,
    { intentId, merchantId: merchantId ?? null },
  );
  return intent && withAttempts(trx, intent);
}

/** The payment that an attempt belongs to, locked until the transaction ends. */
export async function lockPaymentOfAttempt(trx: Db, attemptId: string): Promise<Payment | undefined> {
  const [intent] = await queryPrepared<IntentRow>(
    trx,
    `select ${INTENT_COLUMNS} from payment_intents
     where id = (select intent_id from payment_attempts where id = :attemptId) for update`,
    { attemptId },
  );
  return intent && withAttempts(trx, intent);
}

/** Reads the attempts after the lock is taken, because its previous holder may have changed them. */
async function withAttempts(trx: Db, intent: IntentRow): Promise<Payment> {
  const attempts = await queryPrepared<AttemptRow>(
    trx,
    `select ${ATTEMPT_COLUMNS} from payment_attempts where intent_id = :intentId order by id`,
    { intentId: intent.id },
  );
  return toPayment(intent, attempts.map(toAttempt));
}

/** The payment that an attempt belongs to. */
export const findPaymentOfAttempt: (db: Db, attemptId: string) => Promise<Payment | undefined> = batchedRead(
  async (db, attemptIds: readonly string[]) => {
    const rows = await queryPrepared<JoinedRow>(
      db,
      `select ${PREFIXED_INTENT_COLUMNS}, ${PREFIXED_ATTEMPT_COLUMNS}
       from payment_intents i join payment_attempts a on a.intent_id = i.id
       where i.id in (select intent_id from payment_attempts where id = any(cast(:attemptIds as text[])))
       order by a.id`,
      { attemptIds },
    );
    const intentIds = new Map(rows.map((row) => [row.attempt_id, row.id]));
    const payments = toPayments(rows);
    return attemptIds.map((attemptId) => payments.get(intentIds.get(attemptId) ?? ''));
  },
);

/** What is saved of a change, with the events that the merchant receives. */
export type SavedChange = Pick<Change, 'payment'> & { readonly events: readonly StoredEvent[] };

/**
 * Saves what a decision has changed since `before`, with its events, in one statement, because more round trips would
 * hold the lock longer. Refunds are saved by the refunds store.
 * @param actor who caused the change, for the events
 */
export async function savePayment(
  trx: Db,
  before: Payment | undefined,
  { payment, events }: SavedChange,
  actor: string,
  now: Date,
): Promise<void> {
  const { intent } = payment;
  const attempts = payment.attempts.filter((attempt) => !before?.attempts.includes(attempt));
  const parts = [
    before && before.intent !== intent && UPDATE_INTENT,
    attempts.length > 0 && UPSERT_ATTEMPTS,
    events.length > 0 && APPEND_EVENTS,
  ].filter((part) => part !== false && part !== undefined);
  if (parts.length === 0) {
    return;
  }
  const bindings = {
    ...intentBindings(intent),
    ...attemptsBinding(attempts),
    ...eventsBinding(events, actor, now),
  };
  await executePrepared(trx, `with ${parts.join(', ')} select 1`, bindings);
}

const UPDATE_INTENT = `
  saved_intent as (
    update payment_intents
    set status = :status, payment_method_type = :paymentMethodType, amount_captured = :amountCaptured,
        amount_refunded = :amountRefunded,
        last_payment_error_code = :errorCode, last_payment_error_message = :errorMessage,
        succeeded_at = :succeededAt, cancelled_at = :cancelledAt, expired_at = :expiredAt
    where id = :intentId
  )`;

function intentBindings(intent: PaymentIntent) {
  const { lastPaymentError: error } = intent;
  return {
    intentId: intent.id,
    status: intent.status,
    paymentMethodType: intent.paymentMethodType ?? null,
    amountCaptured: intent.amountCaptured ?? null,
    amountRefunded: intent.amountRefunded,
    errorCode: error ? storableText(error.code) : null,
    errorMessage: error ? storableText(error.message) : null,
    succeededAt: intent.succeededAt ?? null,
    cancelledAt: intent.cancelledAt ?? null,
    expiredAt: intent.expiredAt ?? null,
  };
}

/** Ended attempts first, because a new one may start only when no other is live. */
const UPSERT_ATTEMPTS = `
  saved_attempts as (
    insert into payment_attempts (${ATTEMPT_COLUMNS})
    select ${ATTEMPT_COLUMNS} from json_to_recordset(cast(:attempts as json)) as attempt (
      id text, intent_id text, merchant_id text, provider text, provider_merchant_id text, amount bigint,
      currency text, status text, create_calls integer, code_id text, qr_content text, deeplink text,
      code_expires_at timestamptz, provider_payment_id text, paid_at timestamptz, failure_code text,
      failure_message text, created_at timestamptz, ended_at timestamptz, checked_at timestamptz, checks integer,
      next_check_at timestamptz)
    order by ended_at is null, id
    on conflict (id) do update
    set status = excluded.status, create_calls = excluded.create_calls, code_id = excluded.code_id,
        qr_content = excluded.qr_content, deeplink = excluded.deeplink, code_expires_at = excluded.code_expires_at,
        provider_payment_id = excluded.provider_payment_id, paid_at = excluded.paid_at,
        failure_code = excluded.failure_code, failure_message = excluded.failure_message,
        ended_at = excluded.ended_at, checked_at = excluded.checked_at, checks = excluded.checks,
        next_check_at = excluded.next_check_at
  )`;

function attemptsBinding(attempts: readonly PaymentAttempt[]) {
  return { attempts: storableJson(attempts.map(toAttemptRow)) };
}
