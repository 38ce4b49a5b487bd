/**
 * `pgw reports daily`: the figures of days as JSON, with the merchant, whom the API need not name.
 */
import { presentSums } from '../../presenters/daily-report.ts';
import type { DailyReport } from '../operations/reports/report-daily.ts';

/** Every row has every name, for the columns of CSV. */
export function describeRows({ rows }: Pick<DailyReport, 'rows'>) {
  return rows.map((row) => ({
    date: row.day,
    merchant_id: row.merchantId,
    merchant_store_id: row.storeId ?? null,
    merchant_terminal_id: row.terminalId ?? null,
    payment_method_type: row.method ?? null,
    ...presentSums(row),
  }));
}

export function describeReport(
  report: DailyReport,
  { from, to }: { readonly from: string; readonly to: string },
) {
  return { from, to, rows: describeRows(report), totals: report.totals.map(presentSums) };
}
