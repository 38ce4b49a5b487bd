/**
 * Payment intents with their attempts, events and refunds due: one aggregate, saved together. A payment is locked by
 * locking its intent's row; everything that changes an attempt takes that lock first.
 */
import type {
  AttemptStatus,
  Payment,
  PaymentAttempt,
  PaymentIntent,
  PaymentIntentStatus,
} from '../domain/payment.ts';
import type { Change } from '../domain/payment-machine.ts';
import { isId } from '../lib/ids.ts';
import { batchedRead } from './db/batches.ts';
import { type Db, executePrepared, query, queryPrepared, storableJson, storableText } from './db/query.ts';
import { APPEND_EVENTS, eventsBinding } from './payment-events.ts';

interface IntentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly merchant_store_id: string | null;
  readonly merchant_terminal_id: string | null;
  readonly merchant_ref_id: string;
  readonly description: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly payment_method_types: PaymentIntent['paymentMethodTypes'][number][];
  readonly status: PaymentIntentStatus;
  readonly payment_method_type: PaymentIntent['paymentMethodTypes'][number] | null;
  readonly amount_captured: number | null;
  readonly last_payment_error_code: string | null;
  readonly last_payment_error_message: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly succeeded_at: Date | null;
  readonly cancelled_at: Date | null;
  readonly expired_at: Date | null;
}

interface AttemptRow {
  readonly id: string;
  readonly intent_id: string;
  readonly merchant_id: string;
  readonly provider: PaymentAttempt['provider'];
  readonly provider_merchant_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: AttemptStatus;
  readonly create_calls: number;
  readonly code_id: string | null;
  readonly qr_content: string | null;
  readonly deeplink: string | null;
  readonly code_expires_at: Date | null;
  readonly provider_payment_id: string | null;
  readonly paid_at: Date | null;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
  readonly checked_at: Date | null;
  readonly checks: number;
  readonly next_check_at: Date | null;
}

const INTENT_COLUMNS = `
  id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, amount, currency,
  payment_method_types, status, payment_method_type, amount_captured, last_payment_error_code,
  last_payment_error_message, created_at, expires_at, succeeded_at, cancelled_at, expired_at`;

const ATTEMPT_COLUMNS = `
  id, intent_id, merchant_id, provider, provider_merchant_id, amount, currency, status, create_calls, code_id,
  qr_content, deeplink, code_expires_at, provider_payment_id, paid_at, failure_code, failure_message, created_at,
  ended_at, checked_at, checks, next_check_at`;

/** The attempts' columns beside the intent's. */
const PREFIX = 'attempt_';
const PREFIXED_ATTEMPT_COLUMNS = ATTEMPT_COLUMNS.split(',')
  .map((column) => column.trim())
  .map((column) => `a.${column} as ${PREFIX}${column}`)
  .join(', ');
const PREFIXED_INTENT_COLUMNS = INTENT_COLUMNS.split(',')
  .map((column) => `i.${column.trim()}`)
  .join(', ');

/** An intent with one of its attempts, or with none. */
type JoinedRow = IntentRow & { readonly attempt_id: string | null };

export interface TokenHolder {
  readonly payment: Payment;
  readonly paymentTokenHash: Buffer;
}

/** The payment as it stands and what its payment_token is checked against; undefined when there is no such intent. */
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

/** The payment as it stands, or undefined when this merchant has none with that id. */
export async function findPayment(
  db: Db,
  merchantId: string,
  intentId: string,
): Promise<Payment | undefined> {
  // A caller's word that can be no id is not looked up: it may hold what the database refuses.
  if (!isId('pi', intentId)) {
    return undefined;
  }
  const payment = (await findTokenHolder(db, intentId))?.payment;
  return payment?.intent.merchantId === merchantId ? payment : undefined;
}

/** The payment, locked until the transaction ends. */
export async function lockPayment(
  trx: Db,
  intentId: string,
  merchantId?: string,
): Promise<Payment | undefined> {
  // A caller's word that can be no id is not looked up: it may hold what the database refuses.
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

/** Locks and answers the payment an attempt belongs to. */
export async function lockPaymentOfAttempt(trx: Db, attemptId: string): Promise<Payment | undefined> {
  const [intent] = await queryPrepared<IntentRow>(
    trx,
    `select ${INTENT_COLUMNS} from payment_intents
     where id = (select intent_id from payment_attempts where id = :attemptId) for update`,
    { attemptId },
  );
  return intent && withAttempts(trx, intent);
}

/** Read once the lock is had: whoever had it before may have changed them. */
async function withAttempts(trx: Db, intent: IntentRow): Promise<Payment> {
  const attempts = await queryPrepared<AttemptRow>(
    trx,
    `select ${ATTEMPT_COLUMNS} from payment_attempts where intent_id = :intentId order by id`,
    { intentId: intent.id },
  );
  return { intent: toIntent(intent), attempts: attempts.map(toAttempt) };
}

/** The payment an attempt belongs to, as it stands. */
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

/** All attempts in the order of their ids, those after `afterId`. */
export async function listAttemptsAfter(db: Db, afterId: string, limit: number): Promise<PaymentAttempt[]> {
  const rows = await query<AttemptRow>(
    db,
    `select ${ATTEMPT_COLUMNS} from payment_attempts where id > :afterId order by id limit :limit`,
    { afterId, limit },
  );
  return rows.map(toAttempt);
}

/** The contract's default. */
const USUAL_LIMIT = 20;

/** An intent and the number of the latest event in its story, which grows with every change. */
export interface IntentVersion {
  readonly intent: PaymentIntent;
  readonly version: number;
}

/** Of these intents, those whose story has gone on beyond the version known of each (0: nothing is known). */
export async function findChangedIntents(
  db: Db,
  known: ReadonlyMap<string, number>,
): Promise<IntentVersion[]> {
  const rows = await query<IntentRow & { version: number }>(
    db,
    `select ${INTENT_COLUMNS}, version
     from unnest(cast(:ids as text[]), cast(:versions as bigint[])) as known (known_id, known_version)
     join payment_intents on id = known_id
     cross join lateral (
       select max(payment_events.id) as version from payment_events where intent_id = payment_intents.id
     ) as latest
     where version > known_version`,
    { ids: [...known.keys()], versions: [...known.values()] },
  );
  return rows.map((row) => ({ intent: toIntent(row), version: row.version }));
}

export interface ListFilter {
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  readonly merchantRefId: string | undefined;
  readonly status: PaymentIntentStatus | undefined;
  /** Ids from this one on (inclusive); ids sort by creation time. */
  readonly idFrom: string | undefined;
  /** Ids below this one. */
  readonly idBelow: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/**
 * One page, newest first. Only the conditions asked for are in the statement, so that each finds its index; by the bytes of
 * the id, so that the primary key is none of them.
 */
export async function listPaymentIntents(db: Db, filter: ListFilter): Promise<PaymentIntent[]> {
  const conditions = [
    'merchant_id = :merchantId',
    filter.merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    filter.merchantRefId !== undefined && 'merchant_ref_id = :merchantRefId',
    filter.status !== undefined && 'status = :status',
    filter.idFrom !== undefined && 'id collate "C" >= :idFrom',
    filter.idBelow !== undefined && 'id collate "C" < :idBelow',
  ].filter((condition) => condition !== false);
  const bindings = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  // The page that is asked for most has its size in the text: without it the database does not know how few rows are
  // wanted and plans each time anew.
  const isUsual = filter.limit === USUAL_LIMIT && filter.offset === 0;
  const rows = await (isUsual ? queryPrepared : query)<IntentRow>(
    db,
    `select ${INTENT_COLUMNS} from payment_intents where ${conditions.join(' and ')}
     order by id collate "C" desc limit ${isUsual ? USUAL_LIMIT : ':limit offset :offset'}`,
    bindings,
  );
  return rows.map(toIntent);
}

/** Intents whose time is up, oldest first; those that somebody is at right now are left for the next pass. */
export async function claimIntentsToExpire(db: Db, now: Date, limit: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    db,
    `select id from payment_intents
     where expires_at <= :now and status in ('requires_payment_method', 'requires_action', 'processing')
       and not exists (
         select from payment_attempts
         where intent_id = payment_intents.id and status in ('closing', 'abandoning', 'creating')
           and next_check_at > :now)
     order by expires_at limit :limit for update skip locked`,
    { now, limit },
  );
  return rows.map(({ id }) => id);
}

/** An attempt and what the last look at the provider's record came to. */
export interface AttemptCheck {
  readonly id: string;
  readonly checkedAt: Date | undefined;
  /** Whether that look stumbled. */
  readonly hasFailed: boolean;
}

/** The attempt with this id, or else with this payment id of the provider, if it is ours. */
export async function findAttempt(
  db: Db,
  attemptId: string | undefined,
  providerPaymentId: string | undefined,
): Promise<AttemptCheck | undefined> {
  const columns = 'id, checked_at, failure_code is not null as has_failed';
  const [row] = await queryPrepared<{ id: string; checked_at: Date | null; has_failed: boolean }>(
    db,
    `select ${columns} from payment_attempts where id = :attemptId
     union all
     select ${columns} from payment_attempts where provider_payment_id = :providerPaymentId
     limit 1`,
    { attemptId: attemptId ?? null, providerPaymentId: providerPaymentId ?? null },
  );
  return row && { id: row.id, checkedAt: row.checked_at ?? undefined, hasFailed: row.has_failed };
}

/**
 * Saves what a decision has changed against `before`, with its events, in one statement: a round trip for each would
 * keep the lock for longer. Refunds due are saved by the refunds store.
 * @param actor who caused it, for the events
 */
export async function savePayment(
  trx: Db,
  before: Payment | undefined,
  { payment, events }: Pick<Change, 'payment' | 'events'>,
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
    errorCode: error ? storableText(error.code) : null,
    errorMessage: error ? storableText(error.message) : null,
    succeededAt: intent.succeededAt ?? null,
    cancelledAt: intent.cancelledAt ?? null,
    expiredAt: intent.expiredAt ?? null,
  };
}

/** Attempts that ended first: the next one may only begin when no other is live. */
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

function toIntent(row: IntentRow): PaymentIntent {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    merchantStoreId: row.merchant_store_id ?? undefined,
    merchantTerminalId: row.merchant_terminal_id ?? undefined,
    merchantRefId: row.merchant_ref_id,
    description: row.description ?? undefined,
    amount: row.amount,
    currency: row.currency,
    paymentMethodTypes: row.payment_method_types,
    status: row.status,
    paymentMethodType: row.payment_method_type ?? undefined,
    amountCaptured: row.amount_captured ?? undefined,
    lastPaymentError: toError(row.last_payment_error_code, row.last_payment_error_message),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    succeededAt: row.succeeded_at ?? undefined,
    cancelledAt: row.cancelled_at ?? undefined,
    expiredAt: row.expired_at ?? undefined,
  };
}

function toAttempt(row: AttemptRow): PaymentAttempt {
  return {
    id: row.id,
    intentId: row.intent_id,
    merchantId: row.merchant_id,
    provider: row.provider,
    providerMerchantId: row.provider_merchant_id,
    amount: row.amount,
    currency: row.currency,
    status: row.status,
    createCalls: row.create_calls,
    codeId: row.code_id ?? undefined,
    qrContent: row.qr_content ?? undefined,
    deeplink: row.deeplink ?? undefined,
    codeExpiresAt: row.code_expires_at ?? undefined,
    providerPaymentId: row.provider_payment_id ?? undefined,
    paidAt: row.paid_at ?? undefined,
    failure: toError(row.failure_code, row.failure_message),
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
    checkedAt: row.checked_at ?? undefined,
    checks: row.checks,
    nextCheckAt: row.next_check_at ?? undefined,
  };
}

function toAttemptRow(attempt: PaymentAttempt): Record<keyof AttemptRow, unknown> {
  return {
    id: attempt.id,
    intent_id: attempt.intentId,
    merchant_id: attempt.merchantId,
    provider: attempt.provider,
    provider_merchant_id: attempt.providerMerchantId,
    amount: attempt.amount,
    currency: attempt.currency,
    status: attempt.status,
    create_calls: attempt.createCalls,
    code_id: attempt.codeId,
    qr_content: attempt.qrContent,
    deeplink: attempt.deeplink,
    code_expires_at: attempt.codeExpiresAt,
    provider_payment_id: attempt.providerPaymentId,
    paid_at: attempt.paidAt,
    failure_code: attempt.failure?.code,
    failure_message: attempt.failure?.message,
    created_at: attempt.createdAt,
    ended_at: attempt.endedAt,
    checked_at: attempt.checkedAt,
    checks: attempt.checks,
    next_check_at: attempt.nextCheckAt,
  };
}

/** By the intent's id. */
function toPayments(rows: readonly JoinedRow[]): ReadonlyMap<string, Payment> {
  const payments = new Map<string, { intent: PaymentIntent; attempts: PaymentAttempt[] }>();
  for (const row of rows) {
    const payment = payments.get(row.id) ?? { intent: toIntent(row), attempts: [] };
    payments.set(row.id, payment);
    if (row.attempt_id !== null) {
      payment.attempts.push(toJoinedAttempt(row));
    }
  }
  return payments;
}

function toJoinedAttempt(row: object): PaymentAttempt {
  const columns = Object.entries(row).filter(([name]) => name.startsWith(PREFIX));
  return toAttempt(
    Object.fromEntries(
      columns.map(([name, value]) => [name.slice(PREFIX.length), value]),
    ) as unknown as AttemptRow,
  );
}

function toError(code: string | null, message: string | null): PaymentIntent['lastPaymentError'] {
  return code === null ? undefined : { code, message: message ?? '' };
}
