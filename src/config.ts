/**
 * The environment, validated: the only reader of process.env. A value that is missing or wrong stops the start with one
 * line that names the variable and says what to do.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A configuration the gateway cannot start with. */
export class ConfigError extends Error {
  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'ConfigError';
  }
}

export interface Config {
  readonly isProduction: boolean;
  /** The sandbox of somebody's tests: magic amounts end payments, and failures are forced on purpose. */
  readonly isForTests: boolean;
  readonly logLevel: string;
  readonly dataDir: string;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** For links handed to people; no trailing slash. */
    readonly publicBaseUrl: string;
    /** How long after SIGTERM requests are still taken, while readiness is down already. */
    readonly drainMs: number;
    /** The share of answers that are judged by the contract, from 0 to 1. */
    readonly contractSample: number;
  };
  readonly database: {
    /** Undefined: the embedded PostgreSQL under `dataDir`. */
    readonly url: string | undefined;
    readonly poolMax: number;
    /** Whether the embedded PostgreSQL waits for the disk. */
    readonly isDurable: boolean;
  };
  readonly redisUrl: string | undefined;
  /** Where Prometheus reads; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  readonly payPay: {
    /** Undefined: the sandbox is started and used. */
    readonly baseUrl: string | undefined;
    readonly apiKey: string | undefined;
    readonly apiSecret: string | undefined;
    readonly webhookSecret: string | undefined;
    readonly webhookAllowedIps: readonly string[];
    /** Reads that background work may make a second, in the whole installation. */
    readonly readsPerSecond: number;
  };
  readonly sandboxPort: number;
  readonly rateLimits: {
    /** Requests a minute; 0 switches the limit off. */
    readonly merchantPerMinute: number;
    readonly globalPerMinute: number;
  };
  /** 32 bytes; undefined: generated into `dataDir`. */
  readonly encryptionKey: Buffer | undefined;
  /** A caller's own credentials, for `pgw sign`. */
  readonly client: { readonly apiKey: string | undefined; readonly secretKey: string | undefined };
}

type Env = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Of `loadTestConfig`, where the environment says nothing. */
const TEST_DEFAULTS: Readonly<Record<string, string>> = {
  // The forced failures are no news.
  LOG_LEVEL: 'error',
  RATE_LIMIT_MERCHANT_PER_MINUTE: '1000000',
  RATE_LIMIT_GLOBAL_PER_MINUTE: '1000000',
  // The same at every start, so that a database that is kept stays readable. As public as the sandbox's other keys.
  ENCRYPTION_KEY: Buffer.alloc(32, 'mpac-pgw sandbox').toString('base64'),
};

/** @throws ConfigError */
export function loadConfig(env: Env = process.env): Config {
  const isProduction = read(env, 'NODE_ENV') === 'production';
  const host = read(env, 'HOST') ?? '127.0.0.1';
  const port = readInteger(env, 'PORT', 8080, 65_535);
  const config: Config = {
    isProduction,
    isForTests: false,
    logLevel: readLogLevel(env),
    dataDir: read(env, 'DATA_DIR') ?? '.data',
    http: {
      host,
      port,
      publicBaseUrl: readPublicBaseUrl(env, host, port),
      drainMs: readInteger(env, 'DRAIN_MS', isProduction ? 5_000 : 0, 600_000),
      contractSample: readInteger(env, 'CONTRACT_SAMPLE_PERCENT', 1, 100) / 100,
    },
    database: {
      url: readDatabaseUrl(env),
      poolMax: readInteger(env, 'DATABASE_POOL_MAX', 20, 1_000, 1),
      isDurable: true,
    },
    redisUrl: readUrl(env, 'REDIS_URL', ['redis:', 'rediss:']),
    metricsPort:
      read(env, 'METRICS_PORT') === undefined ? undefined : readInteger(env, 'METRICS_PORT', 0, 65_535),
    payPay: readPayPay(env, isProduction),
    sandboxPort: readInteger(env, 'SANDBOX_PORT', 8081, 65_535),
    rateLimits: {
      merchantPerMinute: readInteger(env, 'RATE_LIMIT_MERCHANT_PER_MINUTE', 1_000, 1_000_000_000),
      globalPerMinute: readInteger(env, 'RATE_LIMIT_GLOBAL_PER_MINUTE', 10_000, 1_000_000_000),
    },
    encryptionKey: readEncryptionKey(env, isProduction),
    client: { apiKey: read(env, 'PGW_API_KEY'), secretKey: read(env, 'PGW_SECRET_KEY') },
  };
  return deepFreeze(config);
}

/**
 * What the sandbox of somebody's tests runs with: nothing has to be set, and nothing in it is secret.
 * @param temporaryDir in place of DATA_DIR, when that is not set; nothing in it outlives the run
 * @throws ConfigError
 */
export function loadTestConfig(temporaryDir: string, env: Env = process.env): Config {
  if (read(env, 'NODE_ENV') === 'production') {
    throw new ConfigError('NODE_ENV', 'must not be production: the keys of the sandbox are public');
  }
  if (read(env, 'PAYPAY_BASE_URL') !== undefined) {
    throw new ConfigError('PAYPAY_BASE_URL', 'must not be set: the sandbox stands for PayPay');
  }
  const defaults: Record<string, string> = { ...TEST_DEFAULTS, DATA_DIR: temporaryDir };
  const missing = Object.entries(defaults).filter(([name]) => read(env, name) === undefined);
  const config = loadConfig({ ...env, ...Object.fromEntries(missing) });
  const database = { ...config.database, isDurable: config.dataDir !== temporaryDir };
  return deepFreeze({ ...config, isForTests: true, database });
}

/** The environment of this process with more, for a program that it starts. */
export function environmentWith(more: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...more };
}

/** An empty value counts as none: that is how files of variables say "not set". */
function read(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function readInteger(env: Env, name: string, fallback: number, max: number, least = 0): number {
  const text = read(env, name);
  if (text === undefined) {
    return fallback;
  }
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > max) {
    throw new ConfigError(name, `must be a whole number from ${least} to ${max}`);
  }
  return value;
}

function readLogLevel(env: Env): string {
  const level = read(env, 'LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(level)) {
    throw new ConfigError('LOG_LEVEL', `must be one of ${LOG_LEVELS.join(', ')}`);
  }
  return level;
}

function readUrl(env: Env, name: string, protocols: readonly string[]): string | undefined {
  const text = read(env, name);
  if (text === undefined) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol)) {
    throw new ConfigError(
      name,
      `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
  }
  return text;
}

function readDatabaseUrl(env: Env): string | undefined {
  return readUrl(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
}

function readPublicBaseUrl(env: Env, host: string, port: number): string {
  const given = readUrl(env, 'PUBLIC_BASE_URL', ['https:', 'http:']);
  if (given !== undefined) {
    const { origin, href, username } = new URL(given);
    // Pages and what they load are at the root: below a path they would not find each other.
    if (href !== `${origin}/` || username !== '') {
      throw new ConfigError(
        'PUBLIC_BASE_URL',
        'must be an origin such as https://pgw.example.com, without a path',
      );
    }
    return origin;
  }
  // An address to listen on everywhere is none to go to; and people know localhost.
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const isLocal = ['0.0.0.0', '[::]'].includes(name) || LOOPBACK.test(name);
  return `http://${isLocal ? 'localhost' : name}:${port}`;
}

function readPayPay(env: Env, isProduction: boolean): Config['payPay'] {
  const baseUrl = readUrl(env, 'PAYPAY_BASE_URL', ['https:', 'http:'])?.replace(/\/+$/, '');
  const [apiKey, apiSecret] = [read(env, 'PAYPAY_API_KEY'), read(env, 'PAYPAY_API_SECRET')];
  if (baseUrl === undefined && isProduction) {
    throw new ConfigError('PAYPAY_BASE_URL', 'must be set in production: the sandbox takes no real money');
  }
  if (baseUrl?.startsWith('http:') && !LOOPBACK.test(new URL(baseUrl).hostname)) {
    throw new ConfigError(
      'PAYPAY_BASE_URL',
      'must start with https:// (http:// is for loopback addresses only)',
    );
  }
  if (baseUrl !== undefined && apiKey === undefined) {
    throw new ConfigError('PAYPAY_API_KEY', 'must be set with PAYPAY_BASE_URL');
  }
  if (baseUrl !== undefined && apiSecret === undefined) {
    throw new ConfigError('PAYPAY_API_SECRET', 'must be set with PAYPAY_BASE_URL');
  }
  const webhookSecret = read(env, 'PAYPAY_WEBHOOK_SECRET');
  return {
    baseUrl,
    apiKey,
    apiSecret,
    webhookSecret,
    webhookAllowedIps: readAllowedIps(env),
    readsPerSecond: readInteger(env, 'PAYPAY_READS_PER_SECOND', 50, 100_000, 1),
  };
}

function readAllowedIps(env: Env): string[] {
  const name = 'PAYPAY_WEBHOOK_ALLOWED_IPS';
  const entries = (read(env, name) ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const entry of entries) {
    const [address = ''] = entry.split('/');
    // The library alone takes short forms such as 10.1 too, which mean what few people expect.
    if (isIP(address) === 0 || (entry !== address && !ipaddr.isValidCIDR(entry))) {
      throw new ConfigError(name, `must list IP addresses or CIDR ranges; ${entry} is neither`);
    }
  }
  return entries;
}

function readEncryptionKey(env: Env, isProduction: boolean): Buffer | undefined {
  const name = 'ENCRYPTION_KEY';
  const text = read(env, name);
  if (text === undefined) {
    if (isProduction) {
      throw new ConfigError(name, 'must be set in production: make one with openssl rand -base64 32');
    }
    return undefined;
  }
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32 || key.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    throw new ConfigError(name, 'must be base64 of 32 bytes: make one with openssl rand -base64 32');
  }
  return key;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
