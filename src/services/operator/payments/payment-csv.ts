/**
 * Payments as rows of a file: the fields of JSON and CSV, with the names that the API has for them.
 */
import { localDayOf } from '../../../lib/date-time.ts';
import type { OperatorPayment } from '../../../store/operator/payments.ts';
import { csvOf } from '../../exports/csv-of.ts';

export type PaymentRow = ReturnType<typeof presentPayment>;

const COLUMNS = [
  'id',
  'status',
  'currency',
  'amount',
  'amount_captured',
  'amount_refunded',
  'payment_method_type',
  'merchant_id',
  'merchant_store_id',
  'merchant_terminal_id',
  'merchant_ref_id',
  'description',
  'provider',
  'attempt_id',
  'provider_payment_id',
  'created_at',
  'paid_at',
  'paid_on',
  'time_zone',
] as const satisfies readonly (keyof PaymentRow)[];

export function presentPayment({ intent, paid, timeZone }: OperatorPayment) {
  return {
    id: intent.id,
    status: intent.status,
    currency: intent.currency,
    amount: intent.amount,
    amount_captured: intent.amountCaptured ?? null,
    amount_refunded: intent.amountRefunded,
    payment_method_type: intent.paymentMethodType ?? null,
    merchant_id: intent.merchantId,
    merchant_store_id: intent.merchantStoreId ?? null,
    merchant_terminal_id: intent.merchantTerminalId ?? null,
    merchant_ref_id: intent.merchantRefId,
    description: intent.description ?? null,
    provider: paid?.provider ?? null,
    attempt_id: paid?.attemptId ?? null,
    provider_payment_id: paid?.providerPaymentId ?? null,
    created_at: intent.createdAt.toISOString(),
    paid_at: intent.succeededAt?.toISOString() ?? null,
    paid_on: intent.succeededAt ? localDayOf(intent.succeededAt, timeZone) : null,
    time_zone: timeZone,
  };
}

/** @param textOf applied to texts before, for an encoding that lacks characters */
export function writeCsv(
  rows: AsyncIterable<PaymentRow>,
  textOf?: (text: string) => string,
): AsyncGenerator<string> {
  return csvOf(COLUMNS, rows, textOf);
}
