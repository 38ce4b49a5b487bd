/**
 * `pgw reports daily`: what was paid and what was refunded on each day, as CSV or JSON.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import { UsageError } from '../../../lib/terminal.ts';
import { type DailyReport, reportDaily } from '../../../services/operations/reports/report-daily.ts';
import { describeReport, describeRows } from '../../../services/operator/describe-daily-report.ts';
import { requireShop } from '../../../services/operator/payments/each-payment.ts';
import { DIVISIONS } from '../../../store/books/daily-figures.ts';
import { examples } from '../../output/examples.ts';

interface DailyOptions {
  readonly from: string;
  readonly to: string;
  readonly merchant?: string;
  readonly store?: string;
  readonly groupBy: string;
  readonly format: string;
  readonly encoding: string;
}

export function addReportsCommands(program: Command): void {
  const reports = program.command('reports').description('figures for whoever closes the day');
  reports
    .command('daily')
    .description("payments, refunds and what is left, by day in the store's time zone, or in Japan's")
    .requiredOption('--from <YYYY-MM-DD>', 'the first day')
    .requiredOption('--to <YYYY-MM-DD>', 'the last day, which is included; at most 31 days')
    .option('--merchant <id>', 'only this merchant')
    .option('--store <id>', 'only this store')
    .option('--group-by <parts>', 'what each day is divided by', DIVISIONS.join(','))
    .option('--format <format>', 'csv or json', 'csv')
    .option('--encoding <encoding>', 'of CSV: utf-8, with a byte order mark for Excel, or shift_jis', 'utf-8')
    .addHelpText(
      'after',
      examples(
        'reports daily --from 2026-01-15 --to 2026-01-15',
        'reports daily --from 2026-01-01 --to 2026-01-31 --merchant merchant_001 --group-by store',
        'reports daily --from 2026-01-15 --to 2026-01-15 --encoding shift_jis > day.csv',
      ),
    )
    .action(printDaily);
}

async function printDaily(options: DailyOptions): Promise<void> {
  const { from, to, merchant, store, groupBy, format, encoding } = options;
  if (format !== 'csv' && format !== 'json') {
    throw new UsageError('--format takes csv or json');
  }
  if (encoding !== 'utf-8' && encoding !== 'shift_jis') {
    throw new UsageError('--encoding takes utf-8 or shift_jis');
  }
  const report = await readDatabase(loadConfig(), async (db) => {
    await requireShop(db, { merchantId: merchant, storeId: store });
    const scope = { merchantId: merchant, storeIds: undefined, merchantStoreId: store };
    return reportDaily({ db }, { ...scope, from, to, groupBy });
  });
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify(describeReport(report, { from, to }))}\n`
      : await toCsv(report, encoding),
  );
}

const COLUMNS = [
  'date',
  'merchant_id',
  'merchant_store_id',
  'merchant_terminal_id',
  'payment_method_type',
  'currency',
  'payment_count',
  'amount_captured',
  'refund_count',
  'amount_refunded',
  'amount_net',
] as const satisfies readonly (keyof ReturnType<typeof describeRows>[number])[];

async function toCsv(report: DailyReport, encoding: 'utf-8' | 'shift_jis'): Promise<Buffer> {
  // Loaded only here, because no other command needs them.
  const { stringify } = await import('csv-stringify/sync');
  const { default: iconv } = await import('iconv-lite');
  const text = stringify(describeRows(report), {
    header: true,
    columns: [...COLUMNS],
    record_delimiter: 'windows',
    escape_formulas: true,
    quoted_match: /[\r\n]/,
  });
  return encoding === 'shift_jis' ? iconv.encode(text, 'shift_jis') : Buffer.from(`\ufeff${text}`);
}
