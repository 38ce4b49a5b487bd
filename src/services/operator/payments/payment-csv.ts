/**
 * Payments as rows of a file: the fields of JSON and CSV, with the names that the API has for them.
 */
import { localDayOf } from '../../../lib/date-time.ts';
import type { OperatorPayment } from '../../../store/operator/payments.ts';

export type PaymentRow = ReturnType<typeof presentPayment>;

/** Rows that become text at one time, so that a long file never blocks the process for long. */
const ROWS = 500;

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

/**
 * CSV as RFC 4180, with a line of headings; a text that a spreadsheet would run as a formula gets an apostrophe before it.
 * @param textOf applied to texts before, for an encoding that lacks characters
 */
export async function* writeCsv(
  rows: AsyncIterable<PaymentRow>,
  textOf: (text: string) => string = (text) => text,
): AsyncGenerator<string> {
  // Loaded only here, because little else needs it.
  const { stringify } = await import('csv-stringify/sync');
  const write = (lines: (string | number | null)[][]) =>
    stringify(lines, {
      record_delimiter: 'windows',
      escape_formulas: true,
      // A line break of any kind; by itself only one like the delimiter is quoted.
      quoted_match: /[\r\n]/,
    });
  yield write([[...COLUMNS]]);
  let lines: (string | number | null)[][] = [];
  for await (const row of rows) {
    const cells = COLUMNS.map((column) => row[column]);
    lines.push(cells.map((cell) => (typeof cell === 'string' ? textOf(cell) : cell)));
    if (lines.length === ROWS) {
      yield write(lines);
      lines = [];
    }
  }
  if (lines.length > 0) {
    yield write(lines);
  }
}
