/**
 * A daily report in the contract's form.
 */
import type { components } from '../../generated/openapi.d.ts';

type Schemas = components['schemas'];

/** Amounts are in the smallest unit of the currency. */
interface Sums {
  readonly currency: string;
  readonly payments: number;
  readonly captured: number;
  readonly refunds: number;
  readonly refunded: number;
}

export interface ReportRow extends Sums {
  readonly day: string;
  readonly storeId: string | undefined;
  readonly terminalId: string | undefined;
  readonly method: Schemas['PaymentMethodType'] | undefined;
}

export function presentDailyReport(
  { rows, totals }: { readonly rows: readonly ReportRow[]; readonly totals: readonly Sums[] },
  { from, to }: { readonly from: string; readonly to: string },
): Schemas['DailyReport'] {
  return { from, to, rows: rows.map(presentRow), totals: totals.map(presentSums) };
}

function presentRow(row: ReportRow): Schemas['DailyReportRow'] {
  return {
    date: row.day,
    ...(row.storeId !== undefined && { merchant_store_id: row.storeId }),
    ...(row.terminalId !== undefined && { merchant_terminal_id: row.terminalId }),
    ...(row.method !== undefined && { payment_method_type: row.method }),
    ...presentSums(row),
  };
}

export function presentSums({
  currency,
  payments,
  captured,
  refunds,
  refunded,
}: Sums): Schemas['DailyReportTotals'] {
  return {
    currency,
    payment_count: payments,
    amount_captured: captured,
    refund_count: refunds,
    amount_refunded: refunded,
    amount_net: captured - refunded,
  };
}
