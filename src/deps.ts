/**
 * The composition root: from a Config to what the services need. The only place that constructs; whoever got it from here
 * closes it.
 */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Knex } from 'knex';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Config } from './config.ts';
import {
  type CounterFactory,
  clusterCounters,
  memoryCounters,
  redisCounters,
} from './http/rate-limits/counters.ts';
import { connectRedis } from './http/rate-limits/redis.ts';
import { type Clock, movedClock, systemClock } from './lib/clock.ts';
import { createCrypt } from './lib/encryption.ts';
import type { Logger } from './lib/log.ts';
import { createMetrics, type Metrics } from './lib/metrics.ts';
import { ensureSecret } from './lib/secrets.ts';
import { createPayPayProvider } from './providers/paypay/index.ts';
import type { Provider } from './providers/provider.ts';
import { createRegistry } from './providers/registry.ts';
import type { ServiceDeps, WakeTarget } from './services/deps.ts';
import { createAnnouncer } from './services/live-status/announce.ts';
import { createWatchers } from './services/live-status/watch.ts';
import { observeState } from './services/operator/observe-state.ts';
import { createDatabaseClock, type DatabaseClock } from './store/db/clock.ts';
import { connect } from './store/db/knex.ts';

export interface Deps extends ServiceDeps {
  readonly db: Knex;
  /** Where requests are counted for the rate limits. */
  readonly counters: CounterFactory;
  /** Tells where nudges go, once workers run in this process. */
  onWake(listener: (work: WakeTarget) => void): void;
  /** Tells when somebody has moved the time of a sandbox, and waits for what is due by then. */
  onTimeMoved(listener: () => Promise<void>): void;
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
  /** The sandbox's own: it is no PayPay, and its time can be moved. */
  readonly sandbox?: {
    readonly timeOffsetMs: () => number;
    readonly onTimeMoved: (listener: () => Promise<void>) => void;
  };
}

/** How often the distance to the database's clock is measured. */
const MEASURE_CLOCK_EVERY_MS = 60_000;

export async function createDeps(
  config: Config,
  log: Logger,
  databaseUrl: string,
  payPay: PayPayAccess,
): Promise<Deps> {
  const metrics = createProcessMetrics();
  const db = connect(databaseUrl, { poolMax: config.database.poolMax });
  const closing = new AbortController();
  const { wallClock, clock } = await openClocks(db, payPay, log, closing.signal);
  observeState(metrics, db, clock);
  const providers = createRegistry([createPayPay(config, payPay, wallClock, log, metrics)]);
  const redis = config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, log, metrics);
  const announcer = createAnnouncer({ db, log });
  const watchers = createWatchers({ db, databaseUrl, clock: wallClock, log, metrics });
  return {
    db,
    counters: redis ? redisCounters(redis) : cluster.isWorker ? clusterCounters : memoryCounters,
    clock,
    wallClock,
    publicBaseUrl: config.http.publicBaseUrl,
    isSandbox: payPay.sandbox !== undefined,
    log,
    metrics,
    crypt: createCrypt(await loadKey(config)),
    providers,
    holder: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
    ...createSwitches(() => watchers.end()),
    announce: announcer.announce,
    watchers,
    readsPerSecond: config.payPay.readsPerSecond,
    random: Math.random,
    onTimeMoved: (next) => payPay.sandbox?.onTimeMoved(next),
    async close() {
      closing.abort();
      redis?.disconnect();
      await providers.close();
      await watchers.close();
      await announcer.flush();
      await db.destroy();
    },
  };
}

/** What changes while the process runs: who hears nudges, and whether it is shutting down. */
function createSwitches(onDrain: () => void): Pick<Deps, 'wake' | 'onWake' | 'isDraining' | 'drain'> {
  let isDraining = false;
  let listener: (work: WakeTarget) => void = () => undefined;
  return {
    wake: (work) => listener(work),
    onWake(next) {
      listener = next;
    },
    isDraining: () => isDraining,
    drain() {
      isDraining = true;
      onDrain();
    },
  };
}

/** The time outside, and the time of the payments, which a sandbox moves. */
async function openClocks(
  db: Knex,
  { sandbox }: PayPayAccess,
  log: Logger,
  closing: AbortSignal,
): Promise<{ wallClock: Clock; clock: Clock }> {
  const wallClock = await createDatabaseClock(db, systemClock);
  void keepMeasuring(wallClock, log, closing);
  return { wallClock, clock: sandbox ? movedClock(wallClock, sandbox.timeOffsetMs) : wallClock };
}

async function loadKey({ encryptionKey, dataDir }: Config): Promise<Buffer> {
  return encryptionKey ?? Buffer.from(await ensureSecret(dataDir, 'encryption-key', 32), 'base64');
}

function createProcessMetrics(): Metrics {
  const prometheus = new Registry();
  collectDefaultMetrics({ register: prometheus });
  return createMetrics(prometheus);
}

function createPayPay(
  config: Config,
  payPay: PayPayAccess,
  clock: Clock,
  log: Logger,
  metrics: Metrics,
): Provider {
  const { baseUrl, apiKey, apiSecret, webhookSecret } = payPay;
  const provider: Provider = createPayPayProvider({
    baseUrl,
    apiKey,
    apiSecret,
    clock,
    log,
    // Failures that one test has forced must not be another test's.
    ...(config.isForTests && { circuit: false }),
    onCall: (operation, outcome, seconds) =>
      metrics.providerCalled(provider.name, operation, outcome, seconds),
    webhooks: { secret: webhookSecret, allowedIps: config.payPay.webhookAllowedIps },
  });
  return provider;
}

/** Machines' clocks drift and are put right; the database's is the one that counts. */
async function keepMeasuring(clock: DatabaseClock, log: Logger, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    await clock.sleep(MEASURE_CLOCK_EVERY_MS, closing);
    if (closing.aborted) {
      return;
    }
    await clock
      .measure()
      .catch((err: unknown) =>
        log.warn({ err }, "the database's clock could not be read; the last distance stays"),
      );
  }
}
