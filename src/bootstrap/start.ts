/**
 * `pgw start`: everything in one process: database and sandbox, the demo merchant, the gateway and its workers. Runs
 * until SIGTERM and finishes open requests.
 */
import type { Config } from '../config.ts';
import { createLog } from '../lib/log.ts';
import { printBanner } from './banner.ts';
import { openConsole } from './console/open-console.ts';
import { ensureDemo } from './demo-data.ts';
import { announceAddresses } from './process/addresses.ts';
import { withRealPort } from './real-port.ts';
import { openRuntimeResources } from './runtime-resources.ts';
import { localUrl, logWarnings, openDeps, openMetrics, openServer, openWorkers } from './serving-process.ts';
import { drainFor, runUntilSignal } from './shutdown.ts';

/** Starts the gateway; resolves when it has shut down. */
export async function start(given: Config, print: (line: string) => void): Promise<void> {
  const config = await withRealPort(given);
  const log = createLog(config.logLevel);
  logWarnings(config, log);
  await runUntilSignal(log, async (disposers) => {
    const resources = await openRuntimeResources(config, log, disposers);
    const deps = await openDeps(config, log, resources, disposers);
    const server = await openServer(config, deps, disposers, resources.payPay.baseUrl);
    const { sandbox } = resources;
    if (sandbox) {
      sandbox.webhooks.url = `${localUrl(config, server.port)}/v1/webhooks/paypay`;
    }
    openWorkers(deps, disposers);
    await openMetrics(config, deps, config.metricsPort, disposers);
    const demo = sandbox && (await ensureDemo(deps, config.dataDir));
    const operatorConsole = await openConsole(config, deps, disposers);
    await announceAddresses(
      config,
      { gateway: localUrl(config, server.port), sandbox: sandbox?.url, console: operatorConsole?.url },
      log,
      disposers,
    );
    printBanner(print, config, { port: server.port, sandbox, demo, operatorConsole });
    return () => drainFor(deps, config.http.drainMs);
  });
}
