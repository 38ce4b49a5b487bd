/**
 * Reads and validates the environment; the only module that uses process.env. A missing or invalid value stops the
 * start with one line that names the variable and says what to do; if there are several, with a list of such lines.
 */
import { isIP } from 'node:net';
import { readAddressRanges } from './config/address-ranges.ts';
import { type ConsoleConfig, readConsole } from './config/console.ts';
import { readEncryptionKey, readEncryptionKeysOld } from './config/encryption-keys.ts';
import { readPayPay } from './config/paypay.ts';
import {
  ConfigError,
  type Env,
  LOOPBACK,
  type Readers,
  read,
  readAll,
  readInteger,
  readUrl,
} from './config/read.ts';
import {
  isProduction,
  isSimulated,
  listWarnings,
  readIsProduction,
  requirePublicLinks,
  takesRealMoney,
} from './config/real-money.ts';

export { ConfigError };

export interface Config {
  readonly isProduction: boolean;
  /** Whether PayPay is on another machine, and so neither the sandbox nor another simulator. */
  readonly takesRealMoney: boolean;
  /** Whether this is the sandbox for a merchant's tests, whose failures are forced and must not open the circuit. */
  readonly isForTests: boolean;
  readonly logLevel: string;
  readonly dataDir: string;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** The base of public links; without a trailing slash. */
    readonly publicBaseUrl: string;
    /** How long the server still accepts requests after SIGTERM, while it already reports "not ready". */
    readonly drainMs: number;
    /** How long an idle connection stays open. */
    readonly keepAliveMs: number;
    /** IP addresses and CIDR ranges of proxies whose X-Forwarded-For is trusted. */
    readonly trustedProxies: readonly string[];
    /** The share of responses that are validated against the contract, from 0 to 1. */
    readonly contractSample: number;
  };
  readonly database: {
    /** If undefined, the embedded PostgreSQL under `dataDir` is used. */
    readonly url: string | undefined;
    readonly poolMax: number;
    /** Whether the embedded PostgreSQL flushes commits to disk. */
    readonly isDurable: boolean;
  };
  readonly redisUrl: string | undefined;
  /** The address on which the Prometheus endpoint listens. */
  readonly metricsHost: string;
  /** The port of the Prometheus endpoint; if undefined, there is none. */
  readonly metricsPort: number | undefined;
  readonly operatorConsole: ConsoleConfig;
  readonly payPay: {
    /** If undefined, the sandbox is started and used. */
    readonly baseUrl: string | undefined;
    readonly apiKey: string | undefined;
    readonly apiSecret: string | undefined;
    readonly webhookSecret: string | undefined;
    readonly webhookAllowedIps: readonly string[];
    /** The maximum rate of PayPay reads by background work, for all processes together. */
    readonly readsPerSecond: number;
  };
  readonly sandboxPort: number;
  /** Where the demo merchant of the sandbox for tests receives its events; nowhere if undefined. */
  readonly sandboxWebhookUrl: string | undefined;
  readonly rateLimits: {
    /** Requests per minute; 0 disables the limit. */
    readonly merchantPerMinute: number;
    readonly globalPerMinute: number;
  };
  /** Whether payments are simulated, so that webhook endpoints may be on this machine and pages say that it is a test. */
  readonly isSimulated: boolean;
  /** 32 bytes; if undefined, a key is generated and stored in `dataDir`. */
  readonly encryptionKey: Buffer | undefined;
  /** Earlier keys, which only open. */
  readonly encryptionKeysOld: readonly Buffer[];
  /** Of commands that make requests as a merchant's server. */
  readonly client: {
    readonly apiKey: string | undefined;
    readonly secretKey: string | undefined;
    /** PUBLIC_BASE_URL, if it is set. */
    readonly gatewayUrl: string | undefined;
  };
  /** One line for each setting that is allowed but risky, to be logged at start-up. */
  readonly warnings: readonly string[];
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Defaults of `loadTestConfig` for variables that are not set. */
const TEST_DEFAULTS: Readonly<Record<string, string>> = {
  // Warnings about forced failures would only be noise.
  LOG_LEVEL: 'error',
  RATE_LIMIT_MERCHANT_PER_MINUTE: '1000000',
  RATE_LIMIT_GLOBAL_PER_MINUTE: '1000000',
  // Constant, so that a database kept between runs stays readable. Not secret, like all keys of the sandbox.
  ENCRYPTION_KEY: Buffer.alloc(32, 'mpac-pgw sandbox').toString('base64'),
};

/** @throws ConfigError about every setting that is missing or wrong; the settings that are risky are listed too */
export function loadConfig(env: Env = process.env): Config {
  return deepFreeze(readAll<Config>(readersOf(env), listWarnings(env)));
}

function readersOf(env: Env): Readers<Config> {
  return {
    isProduction: () => readIsProduction(env),
    takesRealMoney: () => takesRealMoney(env),
    isForTests: () => false,
    logLevel: () => readLogLevel(env),
    dataDir: () => read(env, 'DATA_DIR') ?? '.data',
    http: () => readHttp(env),
    database: () =>
      readAll({
        url: () => readDatabaseUrl(env),
        poolMax: () => readInteger(env, 'DATABASE_POOL_MAX', 20, 1_000, 1),
        isDurable: () => true,
      }),
    redisUrl: () => readUrl(env, 'REDIS_URL', ['redis:', 'rediss:']),
    metricsHost: () => read(env, 'METRICS_HOST') ?? '127.0.0.1',
    metricsPort: () =>
      read(env, 'METRICS_PORT') === undefined ? undefined : readInteger(env, 'METRICS_PORT', 0, 65_535),
    operatorConsole: () => readConsole(env, read(env, 'PAYPAY_BASE_URL') === undefined && !isProduction(env)),
    payPay: () => readPayPay(env, isProduction(env)),
    sandboxPort: () => readInteger(env, 'SANDBOX_PORT', 8081, 65_535),
    sandboxWebhookUrl: () => readUrl(env, 'SANDBOX_WEBHOOK_URL', ['http:', 'https:']),
    rateLimits: () =>
      readAll({
        merchantPerMinute: () => readInteger(env, 'RATE_LIMIT_MERCHANT_PER_MINUTE', 1_000, 1_000_000_000),
        globalPerMinute: () => readInteger(env, 'RATE_LIMIT_GLOBAL_PER_MINUTE', 10_000, 1_000_000_000),
      }),
    isSimulated: () => isSimulated(env),
    encryptionKey: () => readEncryptionKey(env, isProduction(env)),
    encryptionKeysOld: () => readEncryptionKeysOld(env),
    client: () => ({
      apiKey: read(env, 'PGW_API_KEY'),
      secretKey: read(env, 'PGW_SECRET_KEY'),
      gatewayUrl: readGivenBaseUrl(env),
    }),
    warnings: () => listWarnings(env),
  };
}

function readHttp(env: Env): Config['http'] {
  const host = read(env, 'HOST') ?? '127.0.0.1';
  const port = () => readInteger(env, 'PORT', 8080, 65_535);
  return readAll({
    host: () => host,
    port,
    publicBaseUrl: () => {
      requirePublicLinks(env);
      return readPublicBaseUrl(env, host, port());
    },
    drainMs: () => readInteger(env, 'DRAIN_MS', isProduction(env) ? 5_000 : 0, 600_000),
    keepAliveMs: () => readInteger(env, 'KEEP_ALIVE_MS', 65_000, 3_600_000, 1_000),
    trustedProxies: () => readAddressRanges(env, 'TRUSTED_PROXIES'),
    contractSample: () => readInteger(env, 'CONTRACT_SAMPLE_PERCENT', 1, 100) / 100,
  });
}

/**
 * The configuration of the sandbox for a merchant's tests: no variable is required, and nothing in it is secret.
 * @param temporaryDir the data folder if DATA_DIR is not set; deleted after the run
 * @throws ConfigError
 */
export function loadTestConfig(temporaryDir: string, env: Env = process.env): Config {
  if (read(env, 'NODE_ENV') === 'production') {
    throw new ConfigError('NODE_ENV', 'must not be production: the keys of the sandbox are public');
  }
  if (read(env, 'PAYPAY_BASE_URL') !== undefined) {
    throw new ConfigError('PAYPAY_BASE_URL', 'must not be set: the sandbox replaces PayPay');
  }
  const defaults: Record<string, string> = { ...TEST_DEFAULTS, DATA_DIR: temporaryDir };
  const missing = Object.entries(defaults).filter(([name]) => read(env, name) === undefined);
  const config = loadConfig({ ...env, ...Object.fromEntries(missing) });
  const database = { ...config.database, isDurable: config.dataDir !== temporaryDir };
  // A test run has no operators, and several may run at once.
  const operatorConsole = config.operatorConsole.isPortGiven
    ? config.operatorConsole
    : { ...config.operatorConsole, port: undefined };
  return deepFreeze({ ...config, isForTests: true, database, operatorConsole });
}

/** The environment of this process plus `more`, for a child process. */
export function environmentWith(more: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...more };
}

function readLogLevel(env: Env): string {
  const level = read(env, 'LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(level)) {
    throw new ConfigError('LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}`);
  }
  return level;
}

function readDatabaseUrl(env: Env): string | undefined {
  return readUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
}

function readGivenBaseUrl(env: Env): string | undefined {
  const given = readUrl(env, 'PUBLIC_BASE_URL', ['https:', 'http:']);
  if (given === undefined) {
    return undefined;
  }
  const { origin, href, username } = new URL(given);
  // The gateway serves its pages and their assets at the root and cannot work below a path.
  if (href !== `${origin}/` || username !== '') {
    throw new ConfigError(
      'PUBLIC_BASE_URL',
      'must be an origin such as https://pgw.example.com, without a path',
    );
  }
  return origin;
}

function readPublicBaseUrl(env: Env, host: string, port: number): string {
  const given = readGivenBaseUrl(env);
  if (given !== undefined) {
    return given;
  }
  // A wildcard address cannot be opened in a browser, and localhost is easier to recognize than a loopback address.
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const isLocal = ['0.0.0.0', '[::]'].includes(name) || LOOPBACK.test(name);
  return `http://${isLocal ? 'localhost' : name}:${port}`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
