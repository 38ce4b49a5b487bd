/**
 * `pgw start`, `serve`, `work`, `sandbox`, `migrate`: the commands that start processes or migrate the database. Each loads
 * its part of the program itself, so that the others do not load the whole gateway.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, print, printAside, printResult, UsageError } from '../../lib/terminal.ts';
import { examples } from '../output/examples.ts';

export function addRunCommands(program: Command): void {
  program
    .command('start')
    .description('start the gateway with everything it needs, in one process')
    .addHelpText('after', examples('start'))
    .action(async () => {
      const config = loadConfig();
      const { start } = await import('../../bootstrap/start.ts');
      await start(config, print);
    });
  program
    .command('serve')
    .description('start the gateway on several cores of this machine')
    .option('--processes <n>', 'the number of serving processes', String(availableParallelism()))
    .addHelpText('after', examples('serve --processes 4'))
    .action(serveOnCores);
  program
    .command('work')
    .description('run only the background workers, separately from the servers')
    .addHelpText('after', examples('work'))
    .action(async () => {
      const config = loadConfig();
      const { work } = await import('../../bootstrap/work.ts');
      await work(config, print);
    });
  addSandboxCommand(program);
  program
    .command('migrate')
    .description('apply the missing migrations to the database')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('migrate'))
    .action(async (options: JsonOption) => {
      const applied = await withDatabase(loadConfig(), async (_, names) => names, { mayCreate: true });
      printResult(
        options,
        { applied },
        applied.length === 0 ? 'The database is up to date.' : applied.join('\n'),
      );
    });
}

function addSandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .description('run the PayPay simulator, alone or with a gateway for your tests')
    .argument(
      '[command...]',
      'with --with-gateway, after --: run this command when both are ready, then exit with its code',
    )
    .option('--webhook-url <url>', "where to send webhooks; by default the gateway's address")
    .option('--allow-remote-webhooks', 'allow the control interface to send webhooks to other machines')
    .option('--with-gateway', 'also start a gateway with fixed keys, magic amounts and a temporary database')
    .addHelpText(
      'after',
      examples(
        'sandbox --webhook-url http://localhost:3000/v1/webhooks/paypay',
        'sandbox --with-gateway',
        'sandbox --with-gateway -- npm test',
      ),
    )
    .action(sandbox);
}

async function serveOnCores({ processes }: { processes: string }): Promise<void> {
  if (!/^[1-9]\d?$/.test(processes)) {
    throw new UsageError('--processes takes a number from 1 to 99');
  }
  const config = loadConfig();
  const { serve } = await import('../../bootstrap/serve.ts');
  await serve(config, Number(processes), print);
}

async function sandbox(
  command: readonly string[],
  options: { webhookUrl?: string; allowRemoteWebhooks?: boolean; withGateway?: boolean },
): Promise<void> {
  const { webhookUrl, allowRemoteWebhooks = false, withGateway = false } = options;
  if (!withGateway && command.length > 0) {
    throw new UsageError('a command to run needs --with-gateway');
  }
  if (!withGateway) {
    const config = loadConfig();
    const { runSandbox } = await import('../../bootstrap/sandbox.ts');
    return runSandbox(config, { webhookUrl, allowRemoteWebhooks }, print);
  }
  if (webhookUrl !== undefined) {
    throw new UsageError(
      '--webhook-url is for the simulator alone; with --with-gateway, webhooks go to that gateway',
    );
  }
  if (allowRemoteWebhooks) {
    throw new UsageError('--allow-remote-webhooks cannot be used with --with-gateway');
  }
  const { runTestSandbox } = await import('../../bootstrap/test-sandbox.ts');
  process.exitCode = await runTestSandbox(command, command.length > 0 ? printAside : print);
}
