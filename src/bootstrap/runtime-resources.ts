/**
 * Resources that exist once, however many processes serve: the database (embedded unless configured) with its lock, and
 * the PayPay sandbox (unless PayPay is configured). The disposers close them in reverse order.
 */
import { isIP } from 'node:net';
import { LOOPBACK } from '../config/read.ts';
import { type Config, ConfigError } from '../config.ts';
import type { PayPayAccess } from '../deps.ts';
import { acquireGatewayLock } from '../embedded-postgres/gateway-lock.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { ensureSecret } from '../lib/secrets.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/sandbox.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { migrateDatabase, openDatabase } from './database.ts';
import { findPaymentOrigins, listDemoDeliveries } from './demo-data.ts';

/** Functions that close what was opened; to be called in reverse order. */
export type Disposers = (() => Promise<unknown>)[];

export interface RuntimeResources {
  readonly databaseUrl: string;
  readonly payPay: PayPayAccess;
  readonly sandbox: Sandbox | undefined;
  /** Makes the sandbox of this process, if there is one, use the clock of these services and show their deliveries. */
  connectSandbox(deps: ServiceDeps): void;
}

/** @throws ConfigError when a port or DATA_DIR is in use */
export async function openRuntimeResources(
  config: Config,
  log: Logger,
  disposers: Disposers,
): Promise<RuntimeResources> {
  const database = await openDatabase(config);
  if (database.isEmbedded) {
    await lockDataDir(config, database.url, disposers, database.stop);
  }
  await migrateDatabase(config, database.url, (line) => log.warn(line));
  // The gateway signs calls with the database's time, which is known only later, like its deliveries.
  let deps: ServiceDeps | undefined;
  const clock: Clock = { ...systemClock, now: () => (deps?.wallClock ?? systemClock).now() };
  const listMerchantDeliveries = async (limit: number) => (deps ? listDemoDeliveries(deps, limit) : []);
  const findOrigins = async (ids: readonly string[]) => (deps ? findPaymentOrigins(deps, ids) : new Map());
  const sandbox =
    config.payPay.baseUrl === undefined
      ? await openSandbox(config, log, disposers, { clock, listMerchantDeliveries, findOrigins })
      : undefined;
  return {
    databaseUrl: database.url,
    payPay: await payPayAccess(config, sandbox),
    sandbox,
    connectSandbox(opened) {
      deps = opened;
    },
  };
}

async function lockDataDir(
  config: Config,
  url: string,
  disposers: Disposers,
  stop: () => Promise<void>,
): Promise<void> {
  const release = await acquireGatewayLock(url);
  if (!release) {
    throw new ConfigError(
      'DATA_DIR',
      `(${config.dataDir}) is in use by another gateway: stop it, or choose another folder`,
    );
  }
  disposers.push(stop, release);
}

/** Starts the PayPay simulator with the payments of its last run. */
export async function openSandbox(
  config: Config,
  log: Logger,
  disposers: Disposers,
  options: Pick<
    SandboxOptions,
    'allowRemoteWebhooks' | 'clock' | 'listMerchantDeliveries' | 'findOrigins'
  > = {},
): Promise<Sandbox> {
  const { apiKey, apiSecret, webhookSecret } = await sandboxSecrets(config);
  // Below the debug level, a log line per simulated call would only be noise.
  const isVerbose = config.logLevel === 'debug' || config.logLevel === 'trace';
  const start = () =>
    startSandbox({
      ...sandboxAddress(config),
      port: config.sandboxPort,
      credentials: [{ apiKey, apiSecret }],
      webhookSecret,
      stateFile: `${config.dataDir}/sandbox-payments.jsonl`,
      magicAmounts: true,
      ...options,
      log: log.child({ part: 'sandbox' }, isVerbose ? {} : { level: 'warn' }),
    });
  const sandbox = await openPort(start, 'SANDBOX_PORT', config.sandboxPort);
  disposers.push(() => sandbox.close());
  return sandbox;
}

/**
 * If HOST lets the network reach the gateway, phones reach the cashier page by the same name. The sandbox then listens on all
 * addresses, because the gateway calls it on loopback.
 */
function sandboxAddress({
  http: { host, publicBaseUrl },
}: Config): Pick<SandboxOptions, 'host' | 'publicHost'> {
  const isIPv6 = isIP(host) === 6;
  if (LOOPBACK.test(isIPv6 ? `[${host}]` : host)) {
    return {};
  }
  return { host: isIPv6 ? '::' : '0.0.0.0', publicHost: new URL(publicBaseUrl).hostname };
}

/** The simulator's credentials: configured, or generated once and stored in `dataDir`. */
export async function sandboxSecrets(config: Config) {
  const [apiKey, apiSecret, generated] = await Promise.all([
    config.payPay.apiKey ?? ensureSecret(config.dataDir, 'sandbox-api-key', 12),
    config.payPay.apiSecret ?? ensureSecret(config.dataDir, 'sandbox-api-secret', 24),
    ensureSecret(config.dataDir, 'sandbox-webhook-secret', 24),
  ]);
  return { apiKey, apiSecret, webhookSecret: config.payPay.webhookSecret ?? generated };
}

/**
 * Access to the configured PayPay, or to the sandbox. If the sandbox runs in another process, its clock is not
 * available and moving it has no effect here.
 */
export async function payPayAccess(
  config: Config,
  sandbox: (Pick<Sandbox, 'url'> & Partial<Pick<Sandbox, 'clock'>>) | undefined,
): Promise<PayPayAccess> {
  const { baseUrl = '', apiKey = '', apiSecret = '', webhookSecret } = config.payPay;
  if (baseUrl !== '' || sandbox === undefined) {
    return { baseUrl, apiKey, apiSecret, webhookSecret };
  }
  const { url, clock } = sandbox;
  return {
    baseUrl: url,
    ...(await sandboxSecrets(config)),
    sandbox: {
      timeOffsetMs: () => clock?.offsetMs() ?? 0,
      onTimeMoved: (listener) => clock?.onMove(listener),
    },
  };
}

/** Runs `listening`. @throws ConfigError that names the variable if the port cannot be opened */
export async function openPort<T>(listening: () => Promise<T>, variable: string, port: number): Promise<T> {
  try {
    return await listening();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'EADDRINUSE') {
      throw new ConfigError(
        variable,
        `${port} is in use by another program: choose another port, or 0 for any free one`,
      );
    }
    if (code === 'EACCES') {
      throw new ConfigError(
        variable,
        `${port} cannot be opened by this user (permission denied): choose another port`,
      );
    }
    throw error;
  }
}
