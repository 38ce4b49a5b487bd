/**
 * The composition root: builds the dependencies of the services from a Config. Nothing else constructs them; the caller
 * must call `close`.
 */
import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Knex } from 'knex';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Config, ConfigError } from './config.ts';
import {
  type CounterFactory,
  clusterCounters,
  memoryCounters,
  redisCounters,
} from './http/rate-limits/counters.ts';
import { connectRedis } from './http/rate-limits/redis.ts';
import { type Clock, movedClock, systemClock } from './lib/clock.ts';
import type { Crypt } from './lib/encryption.ts';
import type { Logger } from './lib/log.ts';
import { createMetrics, type Metrics } from './lib/metrics.ts';
import { ensureSecret } from './lib/secrets.ts';
import { createPayPayProvider } from './providers/paypay/index.ts';
import type { Provider } from './providers/provider.ts';
import { createRegistry } from './providers/registry.ts';
import type { ServiceDeps, WakeTarget } from './services/deps.ts';
import { type EncryptionKeys, openCrypt } from './services/encryption/open-crypt.ts';
import { createFollowers } from './services/events/followers.ts';
import { observeSequencer } from './services/events/observe-sequencer.ts';
import { createKeyUses } from './services/keys/key-uses.ts';
import { createAnnouncer } from './services/live-status/announce.ts';
import { createWatchers } from './services/live-status/watch.ts';
import { observeState } from './services/operator/observe-state.ts';
import { createProviderCalls, type ProviderCalls } from './services/provider-calls/provider-calls.ts';
import { createPingLimits } from './services/webhooks/ping-limits.ts';
import { createDatabaseClock, keepMeasuring } from './store/db/clock.ts';
import { connect } from './store/db/knex.ts';
import type { Db } from './store/db/query.ts';
import { createImageFetcher } from './webhook-sender/create-image-fetcher.ts';
import { createWebhookSender } from './webhook-sender/create-sender.ts';

export interface Deps extends ServiceDeps {
  readonly db: Knex;
  /** Creates the counters of the rate limits. */
  readonly counters: CounterFactory;
  /** Sets the listener that wakes a worker; without one, `wake` has no effect. */
  onWake(listener: (work: WakeTarget) => void): void;
  /** Sets the listener for a change of the sandbox's clock; the change completes when the listener has. */
  onTimeMoved(listener: () => Promise<void>): void;
  /** Marks this process as shutting down and ends its event streams. */
  drain(): void;
  close(): Promise<void>;
}

/** The address and credentials of PayPay or of the sandbox. */
export interface PayPayAccess {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly webhookSecret: string | undefined;
  /** Set if this is the sandbox, whose clock can be moved. */
  readonly sandbox?: {
    readonly timeOffsetMs: () => number;
    readonly onTimeMoved: (listener: () => Promise<void>) => void;
  };
}

export async function createDeps(
  config: Config,
  log: Logger,
  databaseUrl: string,
  payPay: PayPayAccess,
): Promise<Deps> {
  const metrics = createProcessMetrics();
  const { db, crypt } = await openSealedDatabase(config, databaseUrl);
  const closing = new AbortController();
  const { wallClock, clock } = await openClocks(db, payPay, log, closing.signal);
  const opened = { db, clock, wallClock, log, metrics };
  observe(metrics, db, clock, log);
  const { close: closeProviders, ...providing } = openProviders(config, payPay, opened);
  const { counters, disconnect } = openCounters(config, log, metrics);
  const senders = createSenders(config, wallClock);
  const { end, close: closeLive, ...live } = openLiveStatus(db, databaseUrl, wallClock, log, metrics);
  const keyUses = createKeyUses({ db, clock: wallClock, log });
  return {
    ...opened,
    counters,
    publicBaseUrl: config.http.publicBaseUrl,
    isSandbox: config.isSimulated,
    crypt,
    ...providing,
    ...senders,
    holder: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
    ...createProcessState(end),
    ...live,
    keyUses,
    readsPerSecond: config.payPay.readsPerSecond,
    random: Math.random,
    onTimeMoved: (next) => payPay.sandbox?.onTimeMoved(next),
    async close() {
      closing.abort();
      disconnect();
      await Promise.all([closeProviders(), ...Object.values(senders).map((sender) => sender.close())]);
      await keyUses.flush();
      await closeLive();
      await db.destroy();
    },
  };
}

/** The providers, and the record of the calls to them. */
function openProviders(config: Config, payPay: PayPayAccess, opened: Opened) {
  const providerCalls = createProviderCalls(opened);
  const providers = createRegistry([createPayPay(config, payPay, opened, providerCalls)]);
  return {
    providers,
    providerCalls,
    async close() {
      await providers.close();
      await providerCalls.flush();
    },
  };
}

/** What opens connections to merchants' servers. */
function createSenders(
  { isSimulated: allowsLocal }: Config,
  wallClock: Clock,
): Pick<ServiceDeps, 'webhookSender' | 'imageFetcher'> {
  return {
    webhookSender: createWebhookSender({ allowsLocal, wallClock }),
    imageFetcher: createImageFetcher({ allowsLocal }),
  };
}

function observe(metrics: Metrics, db: Knex, clock: Clock, log: Logger): void {
  observeState(metrics, db, clock);
  observeSequencer(metrics, { db, clock, log });
}

/** The streams and requests on this node that wait for changes, and the announcements that wake them. */
function openLiveStatus(db: Knex, databaseUrl: string, clock: Clock, log: Logger, metrics: Metrics) {
  const announcer = createAnnouncer({ db, log });
  const followers = createFollowers(clock);
  const watchers = createWatchers({ db, databaseUrl, clock, random: Math.random, log, metrics, followers });
  return {
    announce: announcer.announce,
    followers,
    watchers,
    end() {
      watchers.end();
      followers.end();
    },
    async close() {
      await watchers.close();
      await announcer.flush();
    },
  };
}

/** The counters of the rate limits: in Redis if it is configured, else in the primary process or this one. */
function openCounters(
  { redisUrl }: Config,
  log: Logger,
  metrics: Metrics,
): { readonly counters: CounterFactory; readonly disconnect: () => void } {
  if (redisUrl === undefined) {
    return { counters: cluster.isWorker ? clusterCounters : memoryCounters, disconnect: () => undefined };
  }
  const redis = connectRedis(redisUrl, log, metrics, Math.random);
  return { counters: redisCounters(redis), disconnect: () => redis.disconnect() };
}

/** The mutable state of the process: the wake listener, whether it is shutting down, and the pings that it sends. */
function createProcessState(
  onDrain: () => void,
): Pick<Deps, 'wake' | 'onWake' | 'isDraining' | 'drain' | 'pingLimits'> {
  let isDraining = false;
  let listener: (work: WakeTarget) => void = () => undefined;
  return {
    wake: (work) => listener(work),
    onWake(next) {
      listener = next;
    },
    pingLimits: createPingLimits(systemClock),
    isDraining: () => isDraining,
    drain() {
      isDraining = true;
      onDrain();
    },
  };
}

/** The real time (`wallClock`) and the time of payments (`clock`), which the sandbox can move. */
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

/** @throws ConfigError when none of the configured keys opens the database */
async function openSealedDatabase(config: Config, databaseUrl: string): Promise<{ db: Knex; crypt: Crypt }> {
  const keys = await loadEncryptionKeys(config);
  const db = connect(databaseUrl, { poolMax: config.database.poolMax });
  try {
    return { db, crypt: await openEncryption(db, keys) };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** The configured keys; without ENCRYPTION_KEY, the current key is the one generated in DATA_DIR. */
export async function loadEncryptionKeys(config: Config): Promise<EncryptionKeys> {
  const { encryptionKey, encryptionKeysOld: old, dataDir } = config;
  const current = encryptionKey ?? Buffer.from(await ensureSecret(dataDir, 'encryption-key', 32), 'base64');
  return { current, old };
}

/** @throws ConfigError when none of the configured keys opens the database */
export async function openEncryption(db: Db, keys: EncryptionKeys): Promise<Crypt> {
  const crypt = await openCrypt(db, keys);
  if (!crypt) {
    throw new ConfigError(
      'ENCRYPTION_KEY',
      'is not the key of this database: set the right one (by default it is in the file encryption-key in DATA_DIR), or list it in ENCRYPTION_KEYS_OLD',
    );
  }
  return crypt;
}

function createProcessMetrics(): Metrics {
  const prometheus = new Registry();
  collectDefaultMetrics({ register: prometheus });
  return createMetrics(prometheus);
}

/** What the calls to a provider need. */
type Opened = Pick<Deps, 'db' | 'clock' | 'wallClock' | 'log' | 'metrics'>;

function createPayPay(
  config: Config,
  payPay: PayPayAccess,
  { wallClock: clock, log, metrics }: Opened,
  providerCalls: ProviderCalls,
): Provider {
  const { baseUrl, apiKey, apiSecret, webhookSecret } = payPay;
  const provider: Provider = createPayPayProvider({
    baseUrl,
    apiKey,
    apiSecret,
    clock,
    log,
    // Failures that one test forces must not open the circuit for another.
    ...(config.isForTests && { circuit: false }),
    onCall(call) {
      metrics.providerCalled(provider.name, call.operation, call.outcome, call.durationMs / 1_000);
      providerCalls.ended(provider.name, call);
    },
    webhooks: { secret: webhookSecret, allowedIps: config.payPay.webhookAllowedIps },
  });
  return provider;
}
