/**
 * `pgw sandbox --with-gateway`: a gateway with its PayPay sandbox for somebody's tests, in one process: keys that are known
 * beforehand, amounts that force outcomes, a database that is gone at the end. Alone, or around a command that it waits for.
 */
import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { type Config, ConfigError, loadTestConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { makeTemporaryFolder, removeDeadRuns } from '../embedded-postgres/temporary-folder.ts';
import { createLog } from '../lib/log.ts';
import { table } from '../lib/terminal.ts';
import { MAGIC_AMOUNTS } from '../sandbox/faults/magic-amounts.ts';
import { type Demo, ensureSandboxDemo } from './demo-data.ts';
import { withRealPort } from './real-port.ts';
import { type Disposers, openRuntimeResources } from './runtime-resources.ts';
import { localUrl, openDeps, openMetrics, openServer, openWorkers } from './serving-process.ts';
import { drainFor, runOpened } from './shutdown.ts';
import { runTrailingCommand } from './trailing-command.ts';

interface TestSandbox {
  readonly deps: Deps;
  readonly demo: Demo;
  readonly gatewayUrl: string;
  readonly sandboxUrl: string;
}

/**
 * Runs until a signal, or until the command ends.
 * @param command empty for none
 * @param print where people read; standard output is the command's, when there is one
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
    // Beside a command, what it prints is what its reader wants on standard output.
    const log = createLog(config.logLevel, command.length > 0 ? process.stderr : undefined);
    const open = (disposers: Disposers) => openTestSandbox(config, log, disposers);
    return await runOpened(log, open, async (sandbox, signal) => {
      greetTester(print, sandbox, command);
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
      'holds merchants and is no sandbox, and the keys of a sandbox are public: choose an empty one, or none',
    );
  }
  const server = await openServer(config, deps, disposers);
  const gatewayUrl = localUrl(config, server.port);
  sandbox.webhooks.url = `${gatewayUrl}/v1/webhooks/paypay`;
  openWorkers(deps, disposers);
  await openMetrics(config, deps, config.metricsPort, disposers);
  return { deps, demo, gatewayUrl, sandboxUrl: sandbox.url };
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

/** What programs read; the guide and the greeting name the same. */
function environmentOf({ demo, gatewayUrl, sandboxUrl }: TestSandbox): Record<string, string> {
  return {
    PGW_BASE_URL: gatewayUrl,
    PGW_API_KEY: demo.apiKey,
    PGW_SECRET_KEY: demo.secretKey,
    PGW_SYNC_API_KEY: demo.syncApiKey,
    PGW_SYNC_SECRET_KEY: demo.syncSecretKey,
    PGW_SANDBOX_URL: sandboxUrl,
  };
}

function greetTester(print: (line: string) => void, sandbox: TestSandbox, command: readonly string[]): void {
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
  print('To move the clock of both, here by half an hour:');
  print(`  curl -s ${sandbox.sandboxUrl}/_control/clock -d '{"advance_seconds": 1800}'`);
  print('');
  print(command.length > 0 ? `Ready; running ${command.join(' ')}` : 'Ready; Ctrl-C ends it.');
}
