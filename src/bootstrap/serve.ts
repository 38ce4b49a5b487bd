/**
 * `pgw serve --processes N`: uses several cores of one machine. A primary process owns what exists once (database,
 * sandbox, workers, and the rate-limit counters without Redis) and forks N processes that serve HTTP on one port. A
 * process that dies is replaced.
 */
import cluster, { type Worker as Child } from 'node:cluster';
import { once } from 'node:events';
import { RateLimiterClusterMaster } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import { createLog, type Logger } from '../lib/log.ts';
import type { WakeTarget } from '../services/deps.ts';
import type { Runner } from '../workers/runner.ts';
import { printBanner } from './banner.ts';
import { openConsole } from './console/open-console.ts';
import { ensureDemo } from './demo-data.ts';
import { announceAddresses } from './process/addresses.ts';
import { openRuntimeResources, type RuntimeResources } from './runtime-resources.ts';
import { localUrl, logWarnings, openDeps, openMetrics, openServer, openWorkers } from './serving-process.ts';
import { drainFor, runUntilSignal } from './shutdown.ts';

/** A message from a serving process to the primary. */
type Message =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'wake'; readonly work: WakeTarget };

/** Pause before a process that ended is replaced, so that one that fails at start-up is not forked in a tight loop. */
const REFORK_MS = 500;

/** Runs the primary process or, in a forked process, a serving process; resolves when it has shut down. */
export function serve(config: Config, processes: number, print: (line: string) => void): Promise<void> {
  const log = createLog(config.logLevel);
  return cluster.isPrimary ? runPrimary(config, processes, log, print) : runChild(config, log);
}

async function runPrimary(
  config: Config,
  processes: number,
  log: Logger,
  print: (line: string) => void,
): Promise<void> {
  new RateLimiterClusterMaster();
  logWarnings(config, log);
  await runUntilSignal(log, async (disposers) => {
    const resources = await openRuntimeResources(config, log, disposers);
    // The serving processes have no access to the sandbox's clock. The primary must not use it either, because all
    // processes have to agree on the time.
    const { sandbox: _, ...payPay } = resources.payPay;
    const deps = await openDeps(config, log, { ...resources, payPay }, disposers);
    const demo = resources.sandbox && (await ensureDemo(deps, config.dataDir));
    const runner = openWorkers(deps, disposers);
    await openMetrics(config, deps, config.metricsPort, disposers);
    const children = forkAll(config, resources, processes, runner, log);
    disposers.push(() => children.stop());
    const port = await children.listening;
    const { sandbox } = resources;
    if (sandbox) {
      sandbox.webhooks.url = `${localUrl(config, port)}/v1/webhooks/paypay`;
    }
    const operatorConsole = await openConsole(config, deps, disposers);
    await announceAddresses(
      config,
      { gateway: localUrl(config, port), sandbox: sandbox?.url, console: operatorConsole?.url },
      log,
      disposers,
    );
    printBanner(print, config, { port, sandbox, demo, operatorConsole });
    return async () => deps.drain();
  });
}

interface Children {
  /** Resolves to the port when the first process serves. */
  readonly listening: Promise<number>;
  /** Terminates all processes; they finish their open requests first. */
  stop(): Promise<void>;
}

function forkAll(
  config: Config,
  resources: RuntimeResources,
  processes: number,
  runner: Runner,
  log: Logger,
): Children {
  let isStopping = false;
  const children = new Set<Child>();
  let onListening: (port: number) => void = () => undefined;
  const listening = new Promise<number>((resolve) => {
    onListening = resolve;
  });
  const fork = (index: number) => {
    const child = cluster.fork(childEnvironment(config, resources, index));
    children.add(child);
    child.on('message', (message: Message) => {
      if (message.type === 'listening') {
        onListening(message.port);
      }
      if (message.type === 'wake') {
        runner.wake(message.work);
      }
    });
    child.on('exit', (code, signal) => {
      children.delete(child);
      if (isStopping) {
        return;
      }
      log.error({ code, signal }, 'serving process ended unexpectedly; replacing it');
      setTimeout(() => {
        if (!isStopping) {
          fork(index);
        }
      }, REFORK_MS);
    });
  };
  for (let index = 1; index <= processes; index += 1) {
    fork(index);
  }
  return {
    listening,
    async stop() {
      isStopping = true;
      const ended = [...children].map((child) => once(child, 'exit'));
      for (const child of children) {
        child.process.kill('SIGTERM');
      }
      await Promise.all(ended);
    },
  };
}

/** A serving process is an ordinary gateway that uses the primary's database and PayPay. */
function childEnvironment(
  config: Config,
  { databaseUrl, payPay }: RuntimeResources,
  index: number,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    PAYPAY_BASE_URL: payPay.baseUrl,
    PAYPAY_API_KEY: payPay.apiKey,
    PAYPAY_API_SECRET: payPay.apiSecret,
    PAYPAY_WEBHOOK_SECRET: payPay.webhookSecret ?? '',
    METRICS_PORT: config.metricsPort === undefined ? '' : String(config.metricsPort + index),
  };
}

async function runChild(config: Config, log: Logger): Promise<void> {
  const { baseUrl = '', apiKey = '', apiSecret = '', webhookSecret } = config.payPay;
  const resources = {
    databaseUrl: config.database.url ?? '',
    payPay: { baseUrl, apiKey, apiSecret, webhookSecret },
  };
  await runUntilSignal(log, async (disposers) => {
    disposers.push(async () => process.disconnect());
    const deps = await openDeps(config, log, resources, disposers);
    deps.onWake((work) => sendToPrimary({ type: 'wake', work }));
    const server = await openServer(config, deps, disposers, resources.payPay.baseUrl);
    await openMetrics(config, deps, config.metricsPort, disposers);
    sendToPrimary({ type: 'listening', port: server.port });
    return () => drainFor(deps, config.http.drainMs);
  });
}

function sendToPrimary(message: Message): void {
  process.send?.(message);
}
