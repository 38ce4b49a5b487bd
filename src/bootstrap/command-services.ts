/**
 * The services for one-shot commands that talk to PayPay: on the same database and the same PayPay as the server. With
 * the sandbox, the server has to be running, for the sandbox lives in it.
 */
import { type Config, ConfigError } from '../config.ts';
import { createDeps } from '../deps.ts';
import { createLog } from '../lib/log.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { migrate } from '../store/db/migrate.ts';
import { openDatabase } from './database.ts';
import { payPayAccess } from './runtime-resources.ts';

export async function withServices<T>(config: Config, work: (deps: ServiceDeps) => Promise<T>): Promise<T> {
  const sandboxUrl = `http://127.0.0.1:${config.sandboxPort}`;
  if (config.payPay.baseUrl === undefined && !(await answers(sandboxUrl))) {
    throw new ConfigError(
      'PAYPAY_BASE_URL',
      'is not set, and no sandbox is running: start the gateway, or set it',
    );
  }
  const payPay = await payPayAccess(config, { url: sandboxUrl });
  const database = await openDatabase(config);
  try {
    const deps = await createDeps(config, createLog('fatal'), database.url, payPay);
    try {
      await migrate(deps.db);
      return await work(deps);
    } finally {
      await deps.close();
    }
  } finally {
    await database.leave();
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
