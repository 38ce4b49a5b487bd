/**
 * A payment as the commands print it: the fields of JSON and CSV, and the columns of a table.
 */
import { localDateTimeOf, localDayOf } from '../../../lib/date-time.ts';
import type { OperatorPayment } from '../../../store/operator/payments.ts';
import { printable, statusText } from '../../output/list.ts';

/** The fields have the names of the API where it has them. */
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

export const PAYMENT_HEADINGS = [
  'PAYMENT',
  'STATUS',
  'AMOUNT',
  'REFUNDED',
  'PAID (SHOP TIME)',
  'MERCHANT',
  'STORE',
  "PROVIDER'S NUMBER",
  'REFERENCE',
];

export function paymentRow({ intent, paid, timeZone }: OperatorPayment): string[] {
  const { id, status, amount, currency, amountRefunded, succeededAt } = intent;
  return [
    id,
    statusText(status),
    `${amount} ${currency}`,
    amountRefunded === 0 ? '-' : `${amountRefunded} ${currency}`,
    succeededAt ? localDateTimeOf(succeededAt, timeZone) : '-',
    intent.merchantId,
    intent.merchantStoreId ?? '-',
    paid?.providerPaymentId ?? '-',
    printable(intent.merchantRefId),
  ];
}
