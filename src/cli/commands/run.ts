/**
 * `pgw start`, `serve`, `work`, `sandbox`, `migrate`: the commands that start processes or migrate the database.
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
    .description('start the gateway with everything it needs, in one process')
    .action(() => start(loadConfig(), print));
  program
    .command('serve')
    .description('start the gateway on several cores of this machine')
    .option('--processes <n>', 'the number of serving processes', String(availableParallelism()))
    .action(({ processes }: { processes: string }) => {
      if (!/^[1-9]\d?$/.test(processes)) {
        throw new UsageError('--processes must be a number from 1 to 99');
      }
      return serve(loadConfig(), Number(processes), print);
    });
  program
    .command('work')
    .description('run only the background workers, separately from the servers')
    .action(() => work(loadConfig(), print));
  program
    .command('sandbox')
    .description('run the PayPay simulator, alone or with a gateway for your tests')
    .argument(
      '[command...]',
      'with --with-gateway, after --: run this command when both are ready, then exit with its code',
    )
    .option('--webhook-url <url>', "where to send webhooks; by default the gateway's address")
    .option('--with-gateway', 'also start a gateway with fixed keys, magic amounts and a temporary database')
    .action(sandbox);
  program
    .command('migrate')
    .description('apply the missing migrations to the database')
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
      '--webhook-url is for the simulator alone; with --with-gateway, webhooks go to that gateway',
    );
  }
  process.exitCode = await runTestSandbox(command, command.length > 0 ? printAside : print);
}
