/**
 * The composition root: from a Config to what the services need. The only place that constructs; whoever got it from here
 * closes it.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Knex } from 'knex';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { createCrypt } from './crypt.ts';
import type { Logger } from './log.ts';
import { createPayPayProvider } from './providers/paypay/index.ts';
import { createRegistry } from './providers/registry.ts';
import { ensureSecret } from './secrets.ts';
import type { Nudge, ServiceDeps } from './services/deps.ts';
import { connect } from './store/knex.ts';

export interface Deps extends ServiceDeps {
  readonly db: Knex;
  /** Tells where nudges go, once workers run in this process. */
  onNudge(listener: (work: Nudge) => void): void;
  /** From now on this process is shutting down. */
  drain(): void;
  close(): Promise<void>;
}

/** How PayPay is reached: the real one, or the sandbox. */
export interface PayPayAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly webhookSecret: string | undefined;
}

export async function createDeps(
  config: Config,
  log: Logger,
  databaseUrl: string,
  payPay: PayPayAccess,
): Promise<Deps> {
  const key =
    config.encryptionKey ?? Buffer.from(await ensureSecret(config.dataDir, 'encryption-key', 32), 'base64');
  const { baseUrl, apiKey, apiSecret, webhookSecret } = payPay;
  const providers = createRegistry([
    createPayPayProvider({
      baseUrl,
      apiKey,
      apiSecret,
      clock: systemClock,
      log,
      webhooks: { secret: webhookSecret, allowedIps: config.payPay.webhookAllowedIps },
    }),
  ]);
  const db = connect(databaseUrl, { poolMax: config.database.poolMax });
  let isDraining = false;
  let listener: (work: Nudge) => void = () => undefined;
  return {
    db,
    clock: systemClock,
    log,
    crypt: createCrypt(key),
    findProvider: providers.find,
    holder: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
    nudge: (work) => listener(work),
    readsPerSecond: config.payPay.readsPerSecond,
    isDraining: () => isDraining,
    dice: Math.random,
    onNudge(next) {
      listener = next;
    },
    drain() {
      isDraining = true;
    },
    async close() {
      await providers.close();
      await db.destroy();
    },
  };
}
