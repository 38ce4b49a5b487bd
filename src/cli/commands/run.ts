/**
 * `pgw start`, `serve`, `work`, `sandbox`, `migrate`: what runs.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { withDatabase } from '../../bootstrap/database.ts';
import { runSandbox } from '../../bootstrap/sandbox.ts';
import { serve } from '../../bootstrap/serve.ts';
import { start } from '../../bootstrap/start.ts';
import { runTestSandbox } from '../../bootstrap/test-sandbox.ts';
import { work } from '../../bootstrap/work.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, print, printAside, printResult, UsageError } from '../../lib/terminal.ts';
import { migrate } from '../../store/db/migrate.ts';

export function addRunCommands(program: Command): void {
  program
    .command('start')
    .description('start the gateway with everything it needs')
    .action(() => start(loadConfig(), print));
  program
    .command('serve')
    .description('start the gateway on several cores of this machine')
    .option('--processes <n>', 'how many processes serve', String(availableParallelism()))
    .action(({ processes }: { processes: string }) => {
      if (!/^[1-9]\d?$/.test(processes)) {
        throw new UsageError('--processes takes a number from 1 to 99');
      }
      return serve(loadConfig(), Number(processes), print);
    });
  program
    .command('work')
    .description('run the background workers, apart from the servers')
    .action(() => work(loadConfig(), print));
  program
    .command('sandbox')
    .description('run the PayPay simulator alone, or with a gateway for your tests')
    .argument('[command...]', 'with --with-gateway, after --: run it when both are up, and end with it')
    .option('--webhook-url <url>', "where it sends webhooks; the gateway's own address when absent")
    .option('--with-gateway', 'a gateway too: fixed keys, magic amounts, a database that is gone at the end')
    .action(sandbox);
  program
    .command('migrate')
    .description('bring the database up to date')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption) => {
      const applied = await withDatabase(loadConfig(), (db) => migrate(db));
      printResult(
        options,
        { applied },
        applied.length === 0 ? 'The database is up to date.' : applied.join('\n'),
      );
    });
}

async function sandbox(
  command: readonly string[],
  { webhookUrl, withGateway = false }: { webhookUrl?: string; withGateway?: boolean },
): Promise<void> {
  if (!withGateway && command.length > 0) {
    throw new UsageError('a command to run needs --with-gateway');
  }
  if (!withGateway) {
    return runSandbox(loadConfig(), webhookUrl, print);
  }
  if (webhookUrl !== undefined) {
    throw new UsageError(
      '--webhook-url is for the simulator alone; with --with-gateway the gateway gets them',
    );
  }
  process.exitCode = await runTestSandbox(command, command.length > 0 ? printAside : print);
}
