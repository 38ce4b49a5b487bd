/**
 * `pgw webhooks …`: the inbox of the provider's webhooks.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';
import { replayProviderWebhook } from '../../services/operator/inbox/replay-provider-webhook.ts';
import { listWebhooks } from '../../store/provider-webhooks.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { printList, statusText } from '../output/list.ts';

export function addInboxCommands(program: Command): void {
  const webhooks = program.command('webhooks').description('inspect the inbox of PayPay webhooks');
  webhooks
    .command('list')
    .description('list the latest webhooks, newest first')
    .option('--limit <n>', 'the number of webhooks', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('webhooks list', 'webhooks list --limit 100 --json'))
    .action(listInbox);
  withReason(webhooks.command('replay <id>'))
    .description('process a webhook again')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('webhooks replay 42'))
    .action(async (id: string, options: JsonOption & ReasonOption) => {
      if (!/^\d{1,15}$/.test(id)) {
        throw new UsageError(`${id} is not a webhook id; run pgw webhooks list to find one`);
      }
      const by = actContextOf(options);
      await withDatabase(loadConfig(), async (db) =>
        replayProviderWebhook({ db, clock: await openClock(db) }, by, Number(id)),
      );
      printResult(
        options,
        { id: Number(id), replayed: true },
        `Webhook ${id} is processed again by the next worker run.`,
      );
    });
}

async function listInbox(options: JsonOption & { limit: string }): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(options.limit)) {
    throw new UsageError('--limit must be a number from 1 to 9999');
  }
  const messages = await readDatabase(loadConfig(), (db) => listWebhooks(db, Number(options.limit)));
  const rows = messages.map(({ id, receivedAt, type, status, deliveries, attemptId, note }) => [
    String(id),
    receivedAt.toISOString(),
    type,
    statusText(status),
    `×${deliveries}`,
    attemptId ?? '-',
    note ?? '',
  ]);
  printList(options, messages, {
    headings: ['ID', 'RECEIVED', 'TYPE', 'STATUS', 'TIMES', 'ATTEMPT', 'NOTE'],
    rows,
    noun: 'webhook',
    none: 'PayPay has sent no webhooks yet.',
  });
}
