/**
 * `pgw payments export`: payments as CSV or JSON lines, to standard output or a file, in constant memory.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import { systemClock } from '../../../lib/clock.ts';
import { spanOfDay } from '../../../lib/date-time.ts';
import { printAside, UsageError } from '../../../lib/terminal.ts';
import { eachPayment } from '../../../services/operator/payments/each-payment.ts';
import {
  type PaymentRow,
  presentPayment,
  writeCsv,
} from '../../../services/operator/payments/payment-csv.ts';
import type { OperatorPayment } from '../../../store/operator/payments.ts';
import { examples } from '../../output/examples.ts';
import { readFormat, refuseExisting, writeJsonLines, writeRows } from '../../output/export-rows.ts';
import { count } from '../../output/list.ts';
import { type Progress, startProgress } from '../../output/progress.ts';
import { addFilters, type FilterOptions, readFilters } from './filters.ts';

interface ExportOptions extends FilterOptions {
  readonly format: string;
  readonly output?: string;
  readonly bom?: boolean;
}

type Rows = AsyncIterable<PaymentRow>;

export function addExportCommand(payments: Command): void {
  addFilters(
    payments
      .command('export')
      .description('write payments as CSV or JSON lines, oldest first, to standard output or a file'),
  )
    .option('--format <format>', 'csv or jsonl', 'csv')
    .option('--output <file>', 'write to this new file instead of standard output')
    .option('--bom', 'begin CSV with a byte order mark, by which Excel recognizes UTF-8')
    .addHelpText(
      'after',
      examples(
        'payments export --merchant merchant_001 --day 2026-01-15 > payments.csv',
        'payments export --day 2026-01-15 --bom --output payments.csv',
        'payments export --merchant merchant_001 --format jsonl',
      ),
    )
    .action(exportPayments);
}

async function exportPayments(options: ExportOptions): Promise<void> {
  const { output, bom = false } = options;
  const query = { ...readFilters(options), order: 'oldest' } as const;
  const format = readFormat(options.format);
  if (format === 'jsonl' && bom) {
    throw new UsageError('--bom is for CSV');
  }
  if (output !== undefined) {
    await refuseExisting(output);
  }
  await readDatabase(loadConfig(), async (db) => {
    let rows = 0;
    const progress = startExportProgress(query.day, output);
    const source = async function* (): Rows {
      try {
        for await (const payment of eachPayment(db, query)) {
          rows += 1;
          progress?.update(rows, timeIn(payment, query.day));
          yield presentPayment(payment);
        }
      } finally {
        progress?.end();
      }
    };
    const csvWriter = bom ? writeMarkedCsv : (all: Rows) => writeCsv(all);
    await writeRows(source(), format === 'csv' ? csvWriter : writeJsonLines, output);
    printAside(`Exported ${count(rows, 'payment')}${output === undefined ? '' : ` to ${output}`}.`);
  });
}

/** None where it would be mixed with the payments. */
function startExportProgress(day: string | undefined, output: string | undefined): Progress | undefined {
  const until = day === undefined ? systemClock.now() : spanOfDay(day).to;
  const isApart = output !== undefined || !process.stdout.isTTY;
  return isApart ? startProgress({ noun: 'payment', until }) : undefined;
}

/** The time by which the export is ordered. */
function timeIn({ intent }: OperatorPayment, day: string | undefined): Date {
  return (day === undefined ? undefined : intent.succeededAt) ?? intent.createdAt;
}

async function* writeMarkedCsv(rows: Rows): AsyncIterable<string> {
  yield '\ufeff';
  yield* writeCsv(rows);
}
