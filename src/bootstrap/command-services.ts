/**
 * The services for one-shot commands that call PayPay, on the same database and PayPay as the server. With the sandbox,
 * the server must be running, because the sandbox is part of its process.
 */
import { type Config, ConfigError } from '../config.ts';
import { createDeps } from '../deps.ts';
import { createLog } from '../lib/log.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { readDatabase } from './database.ts';
import { findSandboxUrl } from './process/addresses.ts';
import { payPayAccess } from './runtime-resources.ts';

/** @throws ConfigError when there is no database to read, or no PayPay */
export async function withServices<T>(config: Config, work: (deps: ServiceDeps) => Promise<T>): Promise<T> {
  return readDatabase(config, async (_, url) => {
    const sandboxUrl = await findSandboxUrl(config);
    if (config.payPay.baseUrl === undefined && !(await isReachable(sandboxUrl))) {
      throw new ConfigError(
        'PAYPAY_BASE_URL',
        'is not set and no sandbox is running: set it, or start the gateway first',
      );
    }
    const payPay = await payPayAccess(config, { url: sandboxUrl });
    const deps = await createDeps(config, createLog('fatal'), url, payPay);
    try {
      return await work(deps);
    } finally {
      await deps.close();
    }
  });
}

async function isReachable(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
