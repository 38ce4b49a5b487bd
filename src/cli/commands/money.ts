/**
 * `pgw money …`: reconciliation against the provider.
 */
import type { Command } from 'commander';
import { openClock, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, table, UsageError } from '../../lib/terminal.ts';
import { checkMoney } from '../../services/operator/check-money.ts';
import { dismissUnknownPayment } from '../../store/inbox/orphaned-webhooks.ts';
import { examples } from '../output/examples.ts';
import { count } from '../output/list.ts';

export function addMoneyCommands(program: Command): void {
  const money = program.command('money').description('reconciliation against the provider');
  money
    .command('check')
    .description(
      "compare every attempt and its refunds with PayPay's own record, record refunds made in PayPay for Business, and " +
        'list orphaned money; exits with 1 if an attempt differs or cannot be read, or if money is orphaned',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('money check', 'money check --json'))
    .action(runMoneyCheck);
  money
    .command('dismiss <payment>')
    .description(
      'stop reporting an orphaned payment, given by the merchantPaymentId or payment id that money check shows',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('money dismiss pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q'))
    .action(async (payment: string, options: JsonOption) => {
      const webhooks = await withDatabase(loadConfig(), async (db) =>
        dismissUnknownPayment(db, payment, (await openClock(db)).now()),
      );
      if (webhooks === 0) {
        throw new UsageError(
          `there is no webhook about an unknown payment ${payment}; pgw money check lists them`,
        );
      }
      printResult(options, { payment, dismissed: webhooks }, `${payment} is no longer reported.`);
    });
}

async function runMoneyCheck(options: JsonOption): Promise<void> {
  const config = loadConfig();
  // It loads the whole gateway, which the other commands do not need.
  const { withServices } = await import('../../bootstrap/command-services.ts');
  const check = await withServices(config, checkMoney);
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
  const lines = [
    ...(differences.length > 0 ? [table(differences)] : []),
    ...(orphaned.length > 0
      ? ['Orphaned money, from payments that the gateway does not know:', table(orphaned)]
      : []),
    `${count(check.attempts, 'attempt')} compared, ${count(check.differences.length, 'difference')}, ` +
      `${check.unreadable} unreadable, ${check.orphaned.length} orphaned, ${count(check.recordedRefunds, 'refund')} recorded`,
  ];
  printResult(options, check, lines.join('\n'));
  if (check.differences.length + check.unreadable + check.orphaned.length > 0) {
    process.exitCode = 1;
  }
}
