/**
 * `pgw intents …`, `pgw money …`, `pgw webhooks …`: looking at payments.
 */
import type { Command } from 'commander';
import { withServices } from '../../bootstrap/command-services.ts';
import { withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { systemClock } from '../../lib/clock.ts';
import { type JsonOption, printResult, table, UsageError } from '../../lib/terminal.ts';
import { checkMoney } from '../../services/operator/check-money.ts';
import { describeIntent } from '../../services/operator/show-payment-intent.ts';
import { listWebhooks, replayWebhook } from '../../store/provider-webhooks.ts';

export function addPaymentCommands(program: Command): void {
  program
    .command('intents')
    .description('payment intents')
    .command('show <id>')
    .description('everything known about a payment intent: status, attempts, refunds, events')
    .option('--json', 'print JSON')
    .action(async (id: string, options: JsonOption) => {
      const described = await withDatabase(loadConfig(), (db) => describeIntent(db, id));
      printResult(options, described.json, described.text);
    });
  program
    .command('money')
    .description('the books')
    .command('check')
    .description("compare every attempt with PayPay's own record; exits with 1 when they differ")
    .option('--json', 'print JSON')
    .action(checkTheMoney);
  addWebhooksCommands(program);
}

async function checkTheMoney(options: JsonOption): Promise<void> {
  const check = await withServices(loadConfig(), checkMoney);
  const rows = check.differences.map(({ intentId, attemptId, merchantId, ours, theirs }) => [
    intentId,
    attemptId,
    `merchant ${merchantId}`,
    `we say: ${ours}`,
    `PayPay says: ${theirs}`,
  ]);
  const summary = `${check.attempts} attempts compared, ${check.differences.length} differences, ${check.unreadable} unreadable`;
  printResult(options, check, [...(rows.length > 0 ? [table(rows)] : []), summary].join('\n'));
  if (check.differences.length > 0 || check.unreadable > 0) {
    process.exitCode = 1;
  }
}

function addWebhooksCommands(program: Command): void {
  const webhooks = program.command('webhooks').description("the inbox of PayPay's messages");
  webhooks
    .command('list')
    .description('the latest messages, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption & { limit: string }) => {
      if (!/^[1-9]\d{0,3}$/.test(options.limit)) {
        throw new UsageError('--limit takes a number from 1 to 9999');
      }
      const messages = await withDatabase(loadConfig(), (db) => listWebhooks(db, Number(options.limit)));
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
    .description('look into a message again')
    .option('--json', 'print JSON')
    .action(async (id: string, options: JsonOption) => {
      if (!/^\d{1,15}$/.test(id)) {
        throw new UsageError(`${id} is no id of a message; pgw webhooks list shows them`);
      }
      const isThere = await withDatabase(loadConfig(), (db) =>
        replayWebhook(db, Number(id), systemClock.now()),
      );
      if (!isThere) {
        throw new UsageError(`there is no message ${id}; pgw webhooks list shows them`);
      }
      printResult(
        options,
        { id: Number(id), replayed: true },
        `Message ${id} is looked into again by the next pass.`,
      );
    });
}
