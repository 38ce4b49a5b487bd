/**
 * `pgw work`: runs only the background workers, next to servers on the same database. Any number of such processes can
 * run; they share the work.
 */
import { type Config, ConfigError } from '../config.ts';
import { createLog } from '../lib/log.ts';
import { migrateDatabase, openDatabase } from './database.ts';
import { findSandboxUrl } from './process/addresses.ts';
import { payPayAccess } from './runtime-resources.ts';
import { logWarnings, openDeps, openMetrics, openWorkers } from './serving-process.ts';
import { runUntilSignal } from './shutdown.ts';

export async function work(config: Config, print: (line: string) => void): Promise<void> {
  const log = createLog(config.logLevel);
  logWarnings(config, log);
  const sandboxUrl = await findSandboxUrl(config);
  if (config.payPay.baseUrl === undefined && new URL(sandboxUrl).port === '0') {
    throw new ConfigError('SANDBOX_PORT', 'must be the port of the running sandbox');
  }
  await runUntilSignal(log, async (disposers) => {
    const database = await openDatabase(config);
    disposers.push(() => database.leave());
    await migrateDatabase(config, database.url, (line) => log.warn(line));
    const payPay = await payPayAccess(config, { url: sandboxUrl });
    const deps = await openDeps(config, log, { databaseUrl: database.url, payPay }, disposers);
    openWorkers(deps, disposers);
    await openMetrics(config, deps, config.metricsPort, disposers);
    print('The workers are running.');
    return async () => deps.drain();
  });
}
