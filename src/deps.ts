/**
 * The composition root: from a Config to what the services need. The only place that constructs; whoever got it from here
 * closes it.
 */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Knex } from 'knex';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { createCrypt } from './crypt.ts';
import { type CounterFactory, clusterCounters, memoryCounters, redisCounters } from './http/rate-counters.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { observeState } from './observed-state.ts';
import { createPayPayProvider } from './providers/paypay/index.ts';
import { createRegistry } from './providers/registry.ts';
import { connectRedis } from './redis.ts';
import { ensureSecret } from './secrets.ts';
import type { Nudge, ServiceDeps } from './services/deps.ts';
import { connect } from './store/knex.ts';

export interface Deps extends ServiceDeps {
  readonly db: Knex;
  /** Where requests are counted for the rate limits. */
  readonly counters: CounterFactory;
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
  const prometheus = new Registry();
  collectDefaultMetrics({ register: prometheus });
  const metrics = createMetrics(prometheus);
  const providers = createRegistry([
    createPayPayProvider({
      baseUrl,
      apiKey,
      apiSecret,
      clock: systemClock,
      log,
      onCall: (operation, outcome, seconds) => metrics.providerCalled('PAYPAY', operation, outcome, seconds),
      webhooks: { secret: webhookSecret, allowedIps: config.payPay.webhookAllowedIps },
    }),
  ]);
  const db = connect(databaseUrl, { poolMax: config.database.poolMax });
  observeState(metrics, db, systemClock);
  const redis = config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, log, metrics);
  let isDraining = false;
  let listener: (work: Nudge) => void = () => undefined;
  return {
    db,
    counters: redis ? redisCounters(redis) : cluster.isWorker ? clusterCounters : memoryCounters,
    clock: systemClock,
    log,
    metrics,
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
      redis?.disconnect();
      await providers.close();
      await db.destroy();
    },
  };
}
