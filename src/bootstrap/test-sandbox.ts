/**
 * `pgw sandbox --with-gateway`: a gateway and its PayPay sandbox for a merchant's tests, in one process: fixed keys,
 * amounts that force outcomes, and a temporary database. Runs until a signal, or for the duration of a command.
 */
import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { type Config, ConfigError, loadTestConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { makeTemporaryFolder, removeDeadRuns } from '../embedded-postgres/temporary-folder.ts';
import { createLog } from '../lib/log.ts';
import { table } from '../lib/terminal.ts';
import { MAGIC_AMOUNTS } from '../sandbox/faults/magic-amounts.ts';

import { type Demo, ensureDemoWebhook, ensureSandboxDemo } from './demo-data.ts';

import { withRealPort } from './real-port.ts';
import { type Disposers, openRuntimeResources } from './runtime-resources.ts';
import { localUrl, openDeps, openMetrics, openServer, openWorkers } from './serving-process.ts';
import { drainFor, runOpened } from './shutdown.ts';
import { runTrailingCommand } from './trailing-command.ts';

interface TestSandbox {
  readonly deps: Deps;
  readonly demo: Demo;
  /** Of the webhook endpoint at SANDBOX_WEBHOOK_URL, if that is set. */
  readonly webhookSecret: string | undefined;
  readonly gatewayUrl: string;
  readonly sandboxUrl: string;
}

/**
 * Runs until a signal, or until the command ends.
 * @param command the program and its arguments; empty if there is none
 * @param print prints for the user; must not use standard output if there is a command, whose output it is
 * @returns the exit code
 */
export async function runTestSandbox(
  command: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const folder = await makeTemporaryFolder();
  try {
    const config = await withRealPort(loadTestConfig(folder));
    await removeDeadRuns();
    // Standard output belongs to the command, if there is one.
    const log = createLog(config.logLevel, command.length > 0 ? process.stderr : undefined);
    const open = (disposers: Disposers) => openTestSandbox(config, log, disposers);
    return await runOpened(log, open, async (sandbox, signal) => {
      printTestBanner(print, sandbox, command);
      const code =
        command.length > 0 ? await runWhenUp(command, sandbox, signal) : await signal.then(() => 0);
      await drainFor(sandbox.deps, config.http.drainMs);
      return code;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function openTestSandbox(
  config: Config,
  log: ReturnType<typeof createLog>,
  disposers: Disposers,
): Promise<TestSandbox> {
  const resources = await openRuntimeResources(config, log, disposers);
  const deps = await openDeps(config, log, resources, disposers);
  const demo = await ensureSandboxDemo(deps);
  const { sandbox } = resources;
  if (!demo || !sandbox) {
    throw new ConfigError(
      config.database.url === undefined ? 'DATA_DIR' : 'DATABASE_URL',
      'holds merchants and is no sandbox: it must not get the public keys of a sandbox. Use an empty one, or unset it',
    );
  }
  const webhookUrl = config.sandboxWebhookUrl;
  const webhookSecret = webhookUrl && (await ensureDemoWebhook(deps, demo.merchantId, webhookUrl));
  const server = await openServer(config, deps, disposers, resources.payPay.baseUrl);
  const gatewayUrl = localUrl(config, server.port);
  sandbox.webhooks.url = `${gatewayUrl}/v1/webhooks/paypay`;
  openWorkers(deps, disposers);
  await openMetrics(config, deps, config.metricsPort, disposers);
  return { deps, demo, webhookSecret, gatewayUrl, sandboxUrl: sandbox.url };
}

async function runWhenUp(
  command: readonly string[],
  sandbox: TestSandbox,
  signal: Promise<NodeJS.Signals>,
): Promise<number> {
  const early = await Promise.race([signal, undefined]);
  return early === undefined
    ? runTrailingCommand(command, environmentOf(sandbox), signal)
    : 128 + constants.signals[early];
}

/** The environment variables for test programs; they are also in the guide and in the banner. */
function environmentOf({ demo, webhookSecret, gatewayUrl, sandboxUrl }: TestSandbox): Record<string, string> {
  return {
    PGW_BASE_URL: gatewayUrl,
    PGW_API_KEY: demo.apiKey,
    PGW_SECRET_KEY: demo.secretKey,
    PGW_SYNC_API_KEY: demo.syncApiKey,
    PGW_SYNC_SECRET_KEY: demo.syncSecretKey,
    PGW_SANDBOX_URL: sandboxUrl,
    ...(webhookSecret !== undefined && { PGW_WEBHOOK_SECRET: webhookSecret }),
  };
}

function printTestBanner(
  print: (line: string) => void,
  sandbox: TestSandbox,
  command: readonly string[],
): void {
  const { merchantId, storeId } = sandbox.demo;
  const amounts = MAGIC_AMOUNTS.map(({ amount, outcome }) => [String(amount), outcome]);
  print(`mpac-pgw with its PayPay sandbox, for tests. Merchant ${merchantId} with store ${storeId}.`);
  print(`How to test with it: ${sandbox.gatewayUrl}/docs/testing-in-ci`);
  print('');
  print(table(Object.entries(environmentOf(sandbox))));
  print('');
  print('Amounts that force an outcome:');
  print(table(amounts));
  print('');
  print('To move the clock of gateway and sandbox forward, here by 30 minutes:');
  print(`  curl -s ${sandbox.sandboxUrl}/_control/clock -d '{"advance_seconds": 1800}'`);
  print('');
  print(command.length > 0 ? `Ready; running ${command.join(' ')}` : 'Ready; press Ctrl-C to stop.');
}
