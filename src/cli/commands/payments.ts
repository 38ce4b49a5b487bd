/**
 * `pgw intents …`, `pgw money …`, `pgw webhooks …`: inspecting payments.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, table, UsageError } from '../../lib/terminal.ts';
import { checkMoney } from '../../services/operator/check-money.ts';
import { describeIntent } from '../../services/operator/show-payment-intent.ts';
import { dismissUnknownPayment } from '../../store/inbox/orphaned-webhooks.ts';
import { listWebhooks, replayWebhook } from '../../store/provider-webhooks.ts';

export function addPaymentCommands(program: Command): void {
  program
    .command('intents')
    .description('inspect payment intents')
    .command('show <id>')
    .description('show a payment intent with its attempts, refunds and events')
    .option('--json', 'print JSON')
    .action(async (id: string, options: JsonOption) => {
      const described = await readDatabase(loadConfig(), (db) => describeIntent(db, id));
      printResult(options, described.json, described.text);
    });
  addMoneyCommands(program);
  addWebhooksCommands(program);
}

function addMoneyCommands(program: Command): void {
  const money = program.command('money').description('reconciliation against the provider');
  money
    .command('check')
    .description(
      "compare every attempt and its refunds with PayPay's own record, record refunds made in PayPay for Business, and " +
        'list orphaned money; exits with 1 if an attempt differs or cannot be read, or if money is orphaned',
    )
    .option('--json', 'print JSON')
    .action(runMoneyCheck);
  money
    .command('dismiss <payment>')
    .description(
      'stop reporting an orphaned payment, given by the merchantPaymentId or payment id that money check shows',
    )
    .option('--json', 'print JSON')
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
    `${check.attempts} attempts compared, ${check.differences.length} differences, ${check.unreadable} unreadable, ` +
      `${check.orphaned.length} orphaned, ${check.recordedRefunds} refunds recorded`,
  ];
  printResult(options, check, lines.join('\n'));
  if (check.differences.length + check.unreadable + check.orphaned.length > 0) {
    process.exitCode = 1;
  }
}

function addWebhooksCommands(program: Command): void {
  const webhooks = program.command('webhooks').description('inspect the inbox of PayPay webhooks');
  webhooks
    .command('list')
    .description('list the latest webhooks, newest first')
    .option('--limit <n>', 'the number of webhooks', '20')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption & { limit: string }) => {
      if (!/^[1-9]\d{0,3}$/.test(options.limit)) {
        throw new UsageError('--limit must be a number from 1 to 9999');
      }
      const messages = await readDatabase(loadConfig(), (db) => listWebhooks(db, Number(options.limit)));
      const rows = messages.map(({ id, receivedAt, type, status, deliveries, attemptId, note }) => [
        String(id),
        receivedAt.toISOString(),
        type,
        status,
        `×${deliveries}`,
        attemptId ?? '-',
        note ?? '',
      ]);
      printResult(options, messages, table(rows));
    });
  webhooks
    .command('replay <id>')
    .description('process a webhook again')
    .option('--json', 'print JSON')
    .action(async (id: string, options: JsonOption) => {
      if (!/^\d{1,15}$/.test(id)) {
        throw new UsageError(`${id} is not a webhook id; run pgw webhooks list to find one`);
      }
      const isFound = await withDatabase(loadConfig(), async (db) =>
        replayWebhook(db, Number(id), (await openClock(db)).now()),
      );
      if (!isFound) {
        throw new UsageError(`there is no webhook ${id}; run pgw webhooks list to find one`);
      }
      printResult(
        options,
        { id: Number(id), replayed: true },
        `Webhook ${id} is processed again by the next worker run.`,
      );
    });
}
