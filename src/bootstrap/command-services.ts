/**
 * The services for one-shot commands that call PayPay, on the same database and PayPay as the server. With the sandbox,
 * the server must be running, because the sandbox is part of its process.
 */
import { type Config, ConfigError } from '../config.ts';
import { createDeps } from '../deps.ts';
import { createLog } from '../lib/log.ts';
import { printAside } from '../lib/terminal.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { migrateDatabase, openDatabase } from './database.ts';
import { payPayAccess } from './runtime-resources.ts';

export async function withServices<T>(config: Config, work: (deps: ServiceDeps) => Promise<T>): Promise<T> {
  const sandboxUrl = `http://127.0.0.1:${config.sandboxPort}`;
  if (config.payPay.baseUrl === undefined && !(await isReachable(sandboxUrl))) {
    throw new ConfigError(
      'PAYPAY_BASE_URL',
      'is not set and no sandbox is running: set it, or start the gateway first',
    );
  }
  const payPay = await payPayAccess(config, { url: sandboxUrl });
  const database = await openDatabase(config);
  try {
    await migrateDatabase(database.url, printAside);
    const deps = await createDeps(config, createLog('fatal'), database.url, payPay);
    try {
      return await work(deps);
    } finally {
      await deps.close();
    }
  } finally {
    await database.leave();
  }
}

async function isReachable(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
