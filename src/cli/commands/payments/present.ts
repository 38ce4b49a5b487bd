/**
 * A payment as the commands print it in a table.
 */
import { localDateTimeOf } from '../../../lib/date-time.ts';
import type { OperatorPayment } from '../../../store/operator/payments.ts';
import { printable, statusText } from '../../output/list.ts';

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
