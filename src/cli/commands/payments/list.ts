/**
 * `pgw payments list`: a page of payments.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import { type JsonOption, printAside, UsageError } from '../../../lib/terminal.ts';
import { eachPayment } from '../../../services/operator/payments/each-payment.ts';
import { presentPayment } from '../../../services/operator/payments/payment-csv.ts';
import type { OperatorPayment } from '../../../store/operator/payments.ts';
import { examples } from '../../output/examples.ts';
import { printList } from '../../output/list.ts';
import { addFilters, type FilterOptions, readFilters } from './filters.ts';
import { PAYMENT_HEADINGS, paymentRow } from './present.ts';

export function addListCommand(payments: Command): void {
  addFilters(payments.command('list').description('list payments, newest first'))
    .option('--limit <n>', 'the number of payments, at most 1000', '20')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'payments list --merchant merchant_001',
        'payments list --merchant merchant_001 --store store_001 --day 2026-01-15',
        'payments list --ref order_4711',
        'payments list --status processing',
      ),
    )
    .action(listPayments);
}

/** Fewer are not read at a time, because not each of them may match. */
const MIN_PAGE = 100;

async function listPayments(options: FilterOptions & JsonOption & { limit: string }): Promise<void> {
  const limit = readLimit(options.limit);
  const query = { ...readFilters(options), order: 'newest' } as const;
  const { payments, hasMore } = await readDatabase(loadConfig(), async (db) =>
    take(eachPayment(db, query, Math.max(limit + 1, MIN_PAGE)), limit),
  );
  printList(options, payments.map(presentPayment), {
    headings: PAYMENT_HEADINGS,
    rows: payments.map(paymentRow),
    noun: 'payment',
    none: 'No payments match.',
  });
  if (hasMore) {
    printAside(`More payments follow: add --after ${payments.at(-1)?.intent.id}`);
  }
}

/** @throws UsageError when it is not a number from 1 to 1000 */
export function readLimit(text: string): number {
  if (!/^([1-9]\d{0,2}|1000)$/.test(text)) {
    throw new UsageError('--limit takes a number from 1 to 1000');
  }
  return Number(text);
}

async function take(
  source: AsyncIterable<OperatorPayment>,
  limit: number,
): Promise<{ payments: OperatorPayment[]; hasMore: boolean }> {
  const payments: OperatorPayment[] = [];
  for await (const payment of source) {
    if (payments.length === limit) {
      return { payments, hasMore: true };
    }
    payments.push(payment);
  }
  return { payments, hasMore: false };
}
