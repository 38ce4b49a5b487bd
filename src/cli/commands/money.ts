/**
 * `pgw money …`: reconciliation against the provider.
 */
import type { Command } from 'commander';
import { openClock, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { parseDateTime, parseDay, spanOfDay } from '../../lib/date-time.ts';
import { type JsonOption, printResult, table, UsageError } from '../../lib/terminal.ts';
import { checkMoney, type MoneyCheck } from '../../services/operator/check-money.ts';
import { dismissPayment } from '../../services/operator/dismiss-payment.ts';
import type { AttemptScope } from '../../services/operator/payments/each-attempt-page.ts';
import { requireShop } from '../../services/operator/payments/each-payment.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { count } from '../output/list.ts';
import { startProgress } from '../output/progress.ts';

export function addMoneyCommands(program: Command): void {
  const money = program.command('money').description('reconciliation against the provider');
  money
    .command('check')
    .description(
      "compare every attempt and its refunds with PayPay's own record, record refunds made in PayPay for Business, and " +
        'list orphaned money; exits with 1 if an attempt differs or cannot be read, or if money is orphaned',
    )
    .option(
      '--since <time>',
      'only payments that began on this day, such as 2026-01-15, or at this time, or later',
    )
    .option('--merchant <id>', 'only payments of this merchant; orphaned money is then not looked for')
    .option('--store <id>', 'with --merchant: only payments of this store')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'money check',
        'money check --since 2026-01-15',
        'money check --merchant merchant_001 --store store_001 --json',
      ),
    )
    .action(runMoneyCheck);
  withReason(money.command('dismiss <payment>'))
    .description(
      'stop reporting an orphaned payment, given by the merchantPaymentId or payment id that money check shows',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('money dismiss pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q --reason "refunded in PayPay for Business"'),
    )
    .action(async (payment: string, options: JsonOption & ReasonOption) => {
      const by = actContextOf(options);
      const webhooks = await withDatabase(loadConfig(), async (db) =>
        dismissPayment({ db, clock: await openClock(db) }, by, payment),
      );
      printResult(options, { payment, dismissed: webhooks }, `${payment} is no longer reported.`);
    });
}

interface CheckOptions extends JsonOption {
  readonly since?: string;
  readonly merchant?: string;
  readonly store?: string;
}

async function runMoneyCheck(options: CheckOptions): Promise<void> {
  const scope = readScope(options);
  const config = loadConfig();
  // It loads the whole gateway, which the other commands do not need.
  const { withServices } = await import('../../bootstrap/command-services.ts');
  const check = await withServices(config, async (deps) => {
    await requireShop(deps.db, scope);
    const progress = startProgress({ noun: 'attempt', until: deps.clock.now() });
    try {
      return await checkMoney(deps, scope, ({ attempts, reached }) => progress.update(attempts, reached));
    } finally {
      progress.end();
    }
  });
  printResult(options, check, describeCheck(check, scope));
  if (check.differences.length + check.unreadable + check.orphaned.length > 0) {
    process.exitCode = 1;
  }
}

function describeCheck(check: MoneyCheck, scope: AttemptScope): string {
  const differences = check.differences.map(({ intentId, attemptId, merchantId, ours, theirs }) => [
    intentId,
    attemptId,
    `merchant ${merchantId}`,
    `gateway says: ${ours}`,
    `PayPay says: ${theirs}`,
  ]);
  const orphaned = check.orphaned.map((payment) => [
    payment.attemptId ?? '-',
    `PayPay's payment ${payment.providerPaymentId ?? '-'}`,
    `account ${payment.account ?? '-'}`,
    `webhook ${payment.webhookId} says: ${payment.announced ? `${payment.announced.amount} ${payment.announced.currency} paid` : '-'}`,
    `PayPay says: ${payment.theirs}`,
  ]);
  const isWhole = scope.merchantId === undefined;
  const counted = isWhole ? `${orphaned.length} orphaned` : 'orphaned money not looked for';
  return [
    ...(differences.length > 0 ? [table(differences)] : []),
    ...(orphaned.length > 0
      ? ['Orphaned money, from payments that the gateway does not know:', table(orphaned)]
      : []),
    `${count(check.attempts, 'attempt')} compared, ${count(check.differences.length, 'difference')}, ` +
      `${check.unreadable} unreadable, ${counted}, ${count(check.recordedRefunds, 'refund')} recorded`,
  ].join('\n');
}

/** @throws UsageError when an option has no possible value */
function readScope({ since, merchant, store }: CheckOptions): AttemptScope {
  if (store !== undefined && merchant === undefined) {
    throw new UsageError('--store requires --merchant, because merchants may have stores with the same id');
  }
  const day = since === undefined ? undefined : parseDay(since);
  // From when it is this day anywhere.
  const from = day === undefined ? parseDateTime(since ?? '') : spanOfDay(day).from;
  if (since !== undefined && from === undefined) {
    throw new UsageError(
      '--since takes a day such as 2026-01-15, or a time such as 2026-01-15T09:00:00+09:00',
    );
  }
  return { merchantId: merchant, storeId: store, since: from };
}
