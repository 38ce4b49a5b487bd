/**
 * `pgw refunds …`: lists refunds and makes them.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import type { Refund, RefundStatus } from '../../../domain/refunds/refund.ts';
import { isId } from '../../../lib/ids.ts';
import { type JsonOption, printAside, UsageError } from '../../../lib/terminal.ts';
import { describeRefund, listRefundsBy } from '../../../services/operator/payments/refunds.ts';
import { examples } from '../../output/examples.ts';
import { printList, statusText } from '../../output/list.ts';
import { readLimit } from '../payments/list.ts';
import { addCreateCommand, oneOf } from './create.ts';

interface ListOptions extends JsonOption {
  readonly payment?: string;
  readonly merchant?: string;
  readonly store?: string;
  readonly status?: string;
  readonly after?: string;
  readonly limit: string;
}

const STATUSES = ['pending', 'succeeded', 'failed'] as const satisfies readonly RefundStatus[];

export function addRefundsCommands(program: Command): void {
  const refunds = program.command('refunds').description('list refunds and make them');
  refunds
    .command('list')
    .description('list refunds, newest first, with what they wait for or why they failed')
    .option('--payment <id>', 'only refunds of this payment, by any id that pgw payments show takes')
    .option('--merchant <id>', 'only refunds of this merchant')
    .option('--store <id>', 'only refunds of this store')
    .option('--status <status>', `only refunds in this status: ${STATUSES.join(', ')}`)
    .option('--after <id>', 'begin after this refund, as an earlier list says')
    .option('--limit <n>', 'the number of refunds, at most 1000', '20')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('refunds list --status pending', 'refunds list --payment order_4711 --merchant merchant_001'),
    )
    .action(list);
  addCreateCommand(refunds);
}

async function list(options: ListOptions): Promise<void> {
  const { payment, merchant: merchantId, store: merchantStoreId, after } = options;
  const limit = readLimit(options.limit);
  if (after !== undefined && !isId('re', after)) {
    throw new UsageError('--after takes the id of a refund, re_…');
  }
  const status = oneOf('--status', STATUSES, options.status);
  const filter = { merchantId, merchantStoreId, status, after, limit: limit + 1 };
  const found = await readDatabase(loadConfig(), (db) => listRefundsBy(db, payment, filter));
  const refunds = found.slice(0, limit);
  printList(options, refunds.map(describeRefund), {
    headings: ['REFUND', 'STATUS', 'AMOUNT', 'PAYMENT', 'MERCHANT', 'BY', 'METHOD', 'CREATED', 'REASON'],
    rows: refunds.map(toRow),
    noun: 'refund',
    none: 'No refunds match.',
  });
  if (found.length > limit) {
    printAside(`More refunds follow: add --after ${refunds.at(-1)?.id}`);
  }
}

function toRow(refund: Refund): string[] {
  const { id, status, money, intentId, merchantId, origin, method, createdAt } = refund;
  return [
    id,
    statusText(status),
    `${money.amount} ${money.currency}`,
    intentId,
    merchantId,
    origin,
    method,
    createdAt.toISOString(),
    refund.failure?.code ?? refund.pendingReason ?? refund.returnReason ?? refund.reason ?? '-',
  ];
}
