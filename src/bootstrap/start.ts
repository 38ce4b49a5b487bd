/**
 * `pgw start`: everything in one process. The installation (database, sandbox), a demo merchant, the gateway and its
 * workers; until SIGTERM, which lets requests finish.
 */
import type { Config } from '../config.ts';
import { createLog } from '../lib/log.ts';
import { greet } from './banner.ts';
import { type Demo, ensureDemo } from './demo-data.ts';
import { withRealPort } from './real-port.ts';
import { openInstallation } from './runtime-resources.ts';
import { localUrl, openDeps, openMetrics, openServer, openWorkers } from './serving-process.ts';
import { drainFor, runUntilSignal } from './shutdown.ts';

/** Starts the gateway; resolves when it has shut down. */
export async function start(given: Config, print: (line: string) => void): Promise<void> {
  const config = await withRealPort(given);
  const log = createLog(config.logLevel);
  await runUntilSignal(log, async (closers) => {
    const installation = await openInstallation(config, log, closers);
    const deps = await openDeps(config, log, installation, closers);
    const server = await openServer(config, deps, closers);
    const { sandbox } = installation;
    if (sandbox) sandbox.webhooks.url = `${localUrl(config, server.port)}/v1/webhooks/paypay`;
    openWorkers(deps, closers);
    await openMetrics(config, deps, config.metricsPort, closers);
    const demo: Demo | undefined = config.isProduction ? undefined : await ensureDemo(deps);
    greet(print, config, { port: server.port, sandbox, demo });
    return () => drainFor(deps, config.http.drainMs);
  });
}
