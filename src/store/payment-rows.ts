/**
 * Rows of payment intents and attempts, and their mapping to the domain's types.
 */
import {
  type AttemptStatus,
  findAcceptedAttempt,
  type Payment,
  type PaymentAttempt,
  type PaymentIntent,
  type PaymentIntentStatus,
} from '../domain/payment.ts';

export interface IntentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly merchant_store_id: string | null;
  readonly merchant_terminal_id: string | null;
  readonly merchant_ref_id: string;
  readonly description: string | null;
  readonly return_url: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly payment_method_types: PaymentIntent['paymentMethodTypes'][number][];
  readonly status: PaymentIntentStatus;
  readonly payment_method_type: PaymentIntent['paymentMethodTypes'][number] | null;
  /** Selected only where the attempts are not, see PROVIDER_PAYMENT_ID. */
  readonly provider_payment_id?: string | null;
  readonly amount_captured: number | null;
  readonly amount_refunded: number;
  readonly last_payment_error_code: string | null;
  readonly last_payment_error_message: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly succeeded_at: Date | null;
  readonly cancelled_at: Date | null;
  readonly expired_at: Date | null;
}

export interface AttemptRow {
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

export const INTENT_COLUMNS = `
  id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, description, return_url,
  amount, currency, payment_method_types, status, payment_method_type, amount_captured, amount_refunded,
  last_payment_error_code, last_payment_error_message, created_at, expires_at, succeeded_at, cancelled_at, expired_at`;

/**
 * The number of the paid attempt, for statements that select intents from `payment_intents` without their attempts. The same as
 * `findAcceptedAttempt` of the domain.
 */
export const PROVIDER_PAYMENT_ID = `
  case when payment_method_type = 'qr_mpm' then (
    select provider_payment_id from payment_attempts as paid
    where paid.intent_id = payment_intents.id and paid.paid_at = payment_intents.succeeded_at
    order by paid.id limit 1) end`;

export const ATTEMPT_COLUMNS = `
  id, intent_id, merchant_id, provider, provider_merchant_id, amount, currency, status, create_calls, code_id,
  qr_content, deeplink, code_expires_at, provider_payment_id, paid_at, failure_code, failure_message, created_at,
  ended_at, checked_at, checks, next_check_at`;

/** Distinguishes an attempt's columns from the intent's in a join. */
const PREFIX = 'attempt_';
export const PREFIXED_ATTEMPT_COLUMNS = ATTEMPT_COLUMNS.split(',')
  .map((column) => column.trim())
  .map((column) => `a.${column} as ${PREFIX}${column}`)
  .join(', ');
export const PREFIXED_INTENT_COLUMNS = INTENT_COLUMNS.split(',')
  .map((column) => `i.${column.trim()}`)
  .join(', ');

/** An intent joined with one of its attempts, or with none. */
export type JoinedRow = IntentRow & { readonly attempt_id: string | null };

/** The fields of an intent that change; with its other columns they are its state at one moment. */
export type IntentState = Pick<
  IntentRow,
  | 'status'
  | 'payment_method_type'
  | 'provider_payment_id'
  | 'amount_captured'
  | 'amount_refunded'
  | 'last_payment_error_code'
  | 'last_payment_error_message'
> & {
  readonly succeeded_at: string | null;
  readonly cancelled_at: string | null;
  readonly expired_at: string | null;
};

export function toIntentState(intent: PaymentIntent): IntentState {
  return {
    status: intent.status,
    payment_method_type: intent.paymentMethodType ?? null,
    provider_payment_id: intent.providerPaymentId ?? null,
    amount_captured: intent.amountCaptured ?? null,
    amount_refunded: intent.amountRefunded,
    last_payment_error_code: intent.lastPaymentError?.code ?? null,
    last_payment_error_message: intent.lastPaymentError?.message ?? null,
    succeeded_at: intent.succeededAt?.toISOString() ?? null,
    cancelled_at: intent.cancelledAt?.toISOString() ?? null,
    expired_at: intent.expiredAt?.toISOString() ?? null,
  };
}

export function toIntent(row: IntentRow): PaymentIntent {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    merchantStoreId: row.merchant_store_id ?? undefined,
    merchantTerminalId: row.merchant_terminal_id ?? undefined,
    merchantRefId: row.merchant_ref_id,
    description: row.description ?? undefined,
    returnUrl: row.return_url ?? undefined,
    amount: row.amount,
    currency: row.currency,
    paymentMethodTypes: row.payment_method_types,
    status: row.status,
    paymentMethodType: row.payment_method_type ?? undefined,
    providerPaymentId: row.provider_payment_id ?? undefined,
    amountCaptured: row.amount_captured ?? undefined,
    amountRefunded: row.amount_refunded,
    lastPaymentError: toError(row.last_payment_error_code, row.last_payment_error_message),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    succeededAt: row.succeeded_at ?? undefined,
    cancelledAt: row.cancelled_at ?? undefined,
    expiredAt: row.expired_at ?? undefined,
  };
}

export function toAttempt(row: AttemptRow): PaymentAttempt {
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

export function toAttemptRow(attempt: PaymentAttempt): Record<keyof AttemptRow, unknown> {
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

export function toPayment(row: IntentRow, attempts: readonly PaymentAttempt[]): Payment {
  const intent = toIntent(row);
  const paid = findAcceptedAttempt({ intent, attempts });
  return { intent: paid ? { ...intent, providerPaymentId: paid.providerPaymentId } : intent, attempts };
}

/** Joined rows as payments, by the intent's id. */
export function toPayments(rows: readonly JoinedRow[]): ReadonlyMap<string, Payment> {
  const joined = new Map<string, { row: JoinedRow; attempts: PaymentAttempt[] }>();
  for (const row of rows) {
    const payment = joined.get(row.id) ?? { row, attempts: [] };
    joined.set(row.id, payment);
    if (row.attempt_id !== null) {
      payment.attempts.push(toJoinedAttempt(row));
    }
  }
  return new Map([...joined].map(([id, { row, attempts }]) => [id, toPayment(row, attempts)]));
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
