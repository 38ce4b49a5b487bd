import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, loadTestConfig } from '../src/config.ts';
import { ensureSecret } from '../src/lib/secrets.ts';

const KEY = Buffer.alloc(32, 1).toString('base64');
const PAYPAY = {
  PAYPAY_BASE_URL: 'https://api.paypay.ne.jp',
  PAYPAY_API_KEY: 'key',
  PAYPAY_API_SECRET: 'a-secret-value',
};
/** PayPay's environment for tests, which is not on this machine either. */
const PAYPAY_TEST = { ...PAYPAY, PAYPAY_BASE_URL: 'https://stg-api.sandbox.paypay.ne.jp' };
const PRODUCTION = {
  NODE_ENV: 'production',
  ENCRYPTION_KEY: KEY,
  PUBLIC_BASE_URL: 'https://pay.example.com',
  ...PAYPAY,
};

describe('an empty environment', () => {
  it('is a complete configuration for a machine that has only Node', () => {
    expect(loadConfig({})).toMatchObject({
      isProduction: false,
      logLevel: 'info',
      dataDir: '.data',
      http: { host: '127.0.0.1', port: 8080, publicBaseUrl: 'http://localhost:8080' },
      database: { url: undefined, poolMax: 20 },
      redisUrl: undefined,
      metricsHost: '127.0.0.1',
      metricsPort: undefined,
      warnings: [],
      payPay: {
        baseUrl: undefined,
        apiKey: undefined,
        apiSecret: undefined,
        webhookSecret: undefined,
        webhookAllowedIps: [],
        readsPerSecond: 50,
      },
      sandboxPort: 8081,
      operatorConsole: { port: 8082, isPortGiven: false, url: undefined, oidc: undefined },
      rateLimits: { merchantPerMinute: 1000, globalPerMinute: 10_000 },
      encryptionKey: undefined,
      client: { apiKey: undefined, secretKey: undefined },
    });
  });

  it('is equivalent to empty and blank values', () => {
    const blank = { PORT: '', DATABASE_URL: ' ', PAYPAY_BASE_URL: '', ENCRYPTION_KEY: '', LOG_LEVEL: ' ' };
    expect(loadConfig(blank)).toEqual(loadConfig({}));
  });
});

it('is deeply frozen', () => {
  const config = loadConfig({ PAYPAY_WEBHOOK_ALLOWED_IPS: '10.0.0.1' });
  for (const part of [config, config.http, config.payPay, config.payPay.webhookAllowedIps]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

describe('valid values', () => {
  it.each([
    ['PORT 0, a free port', { PORT: '0' }, { http: { port: 0 } }],
    ['the highest port', { PORT: '65535' }, { http: { port: 65_535 } }],
    ['a metrics port', { METRICS_PORT: '9090' }, { metricsPort: 9090 }],
    [
      'no console with a PayPay of its own',
      { ...PAYPAY, PAYPAY_BASE_URL: 'http://127.0.0.1:8081' },
      { operatorConsole: { port: undefined } },
    ],
    [
      'a console at a public address',
      { CONSOLE_PORT: '0', CONSOLE_URL: 'https://console.example.com/' },
      { operatorConsole: { port: 0, isPortGiven: true, url: 'https://console.example.com' } },
    ],
    [
      'an identity provider without a secret',
      { OIDC_ISSUER: 'https://id.example.com/realm', OIDC_CLIENT_ID: 'console' },
      {
        operatorConsole: {
          oidc: { issuer: 'https://id.example.com/realm', clientId: 'console', clientSecret: undefined },
        },
      },
    ],
    [
      'limits switched off',
      { RATE_LIMIT_MERCHANT_PER_MINUTE: '0', RATE_LIMIT_GLOBAL_PER_MINUTE: '0' },
      { rateLimits: { merchantPerMinute: 0, globalPerMinute: 0 } },
    ],
    ['a database', { DATABASE_URL: 'postgres://u:p@db/pgw' }, { database: { url: 'postgres://u:p@db/pgw' } }],
    ['Redis over TLS', { REDIS_URL: 'rediss://cache:6380' }, { redisUrl: 'rediss://cache:6380' }],
    ['an encryption key', { ENCRYPTION_KEY: KEY }, { encryptionKey: Buffer.alloc(32, 1) }],
    [
      'earlier encryption keys',
      { ENCRYPTION_KEYS_OLD: ` ${KEY} , ${KEY}` },
      { encryptionKeysOld: [Buffer.alloc(32, 1), Buffer.alloc(32, 1)] },
    ],
    ['spaces around a value', { PORT: ' 9000 ' }, { http: { port: 9000 } }],
    [
      'PayPay over http on loopback',
      { ...PAYPAY, PAYPAY_BASE_URL: 'http://127.0.0.1:8081/' },
      { payPay: { baseUrl: 'http://127.0.0.1:8081' } },
    ],
    [
      'addresses and ranges',
      { PAYPAY_WEBHOOK_ALLOWED_IPS: '13.112.237.64, 10.0.0.0/8,2001:db8::/32,' },
      { payPay: { webhookAllowedIps: ['13.112.237.64', '10.0.0.0/8', '2001:db8::/32'] } },
    ],
  ])('%s', (_, env, expected) => {
    expect(loadConfig(env)).toMatchObject(expected);
  });

  it.each([
    [{}, 'http://localhost:8080'],
    [{ PORT: '80' }, 'http://localhost:80'],
    [{ HOST: '0.0.0.0' }, 'http://localhost:8080'],
    [{ HOST: '::' }, 'http://localhost:8080'],
    [{ HOST: '::1' }, 'http://localhost:8080'],
    [{ HOST: '192.0.2.7' }, 'http://192.0.2.7:8080'],
    [{ HOST: '2001:db8::7' }, 'http://[2001:db8::7]:8080'],
    [{ PUBLIC_BASE_URL: 'https://pay.example.com/' }, 'https://pay.example.com'],
  ])('%j gives links to %s', (env, expected) => {
    expect(loadConfig(env).http.publicBaseUrl).toBe(expected);
  });

  it('are enough in production', () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({ isProduction: true, payPay: { apiKey: 'key' } });
  });
});

describe('a setting that may not be meant is a warning', () => {
  const SAFE = { ...PRODUCTION, DATABASE_URL: 'postgres://db/pgw', PAYPAY_WEBHOOK_SECRET: 's' };
  it.each<[string, Record<string, string>, RegExp[]]>([
    ['everything is set', SAFE, []],
    ['the database is embedded', { ...SAFE, DATABASE_URL: '' }, [/^DATABASE_URL /]],
    ['no webhook can be proved', { ...SAFE, PAYPAY_WEBHOOK_SECRET: '' }, [/^PAYPAY_WEBHOOK_SECRET /]],
    [
      'only addresses prove webhooks, and no proxy is trusted',
      { ...SAFE, PAYPAY_WEBHOOK_SECRET: '', PAYPAY_WEBHOOK_ALLOWED_IPS: '13.112.237.64' },
      [/^TRUSTED_PROXIES /],
    ],
    ['the console has no address', { ...SAFE, CONSOLE_PORT: '8082' }, [/^CONSOLE_URL /]],
    ['NODE_ENV is not set with a PayPay elsewhere', PAYPAY_TEST, [/^NODE_ENV /]],
    ['NODE_ENV is not set with the PayPay of real payments', { ...SAFE, NODE_ENV: '' }, []],
    ['PayPay is on this machine', { ...PAYPAY, PAYPAY_BASE_URL: 'http://localhost:8081' }, []],
    [
      'PayPay is on this machine, in production',
      { ...PRODUCTION, PAYPAY_BASE_URL: 'http://127.0.0.1:8081', PUBLIC_BASE_URL: '' },
      [],
    ],
  ])('when %s', (_, env, expected) => {
    const { warnings } = loadConfig(env);
    expect(warnings).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) {
      expect(warnings[index]).toMatch(pattern);
    }
  });
});

describe('invalid values', () => {
  const WITHOUT = (name: string, env: Record<string, string>) => ({ ...env, [name]: '' });
  it.each<[string, Record<string, string>]>([
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '-1' }],
    ['PORT', { PORT: '80a' }],
    ['PORT', { PORT: '1e3' }],
    ['PORT', { PORT: '80.5' }],
    ['SANDBOX_PORT', { SANDBOX_PORT: 'web' }],
    ['METRICS_PORT', { METRICS_PORT: '70000' }],
    ['CONSOLE_PORT', { CONSOLE_PORT: '70000' }],
    ['CONSOLE_URL', { CONSOLE_URL: 'http://console.example.com' }],
    ['CONSOLE_URL', { CONSOLE_URL: 'https://console.example.com/pgw' }],
    ['CONSOLE_URL', { CONSOLE_URL: 'https://user@console.example.com' }],
    ['CONSOLE_URL', { CONSOLE_URL: 'https://192.0.2.1' }],
    ['CONSOLE_URL', { CONSOLE_URL: 'http://127.0.0.1:8082' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://id.example.com', OIDC_CLIENT_ID: 'console' }],
    ['OIDC_ISSUER', { OIDC_CLIENT_ID: 'console' }],
    ['OIDC_CLIENT_ID', { OIDC_ISSUER: 'https://id.example.com' }],
    ['RATE_LIMIT_MERCHANT_PER_MINUTE', { RATE_LIMIT_MERCHANT_PER_MINUTE: 'off' }],
    ['RATE_LIMIT_GLOBAL_PER_MINUTE', { RATE_LIMIT_GLOBAL_PER_MINUTE: '-5' }],
    ['DATABASE_POOL_MAX', { DATABASE_POOL_MAX: '0' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://db' }],
    ['DATABASE_URL', { DATABASE_URL: 'localhost' }],
    ['REDIS_URL', { REDIS_URL: 'http://cache' }],
    ['NODE_ENV', { NODE_ENV: 'Production' }],
    ['NODE_ENV', { NODE_ENV: 'prod' }],
    ['PUBLIC_BASE_URL', WITHOUT('PUBLIC_BASE_URL', PRODUCTION)],
    ['PUBLIC_BASE_URL', { ...PRODUCTION, PUBLIC_BASE_URL: 'http://pay.example.com' }],
    ['PUBLIC_BASE_URL', { ...PRODUCTION, PUBLIC_BASE_URL: 'https://localhost:8443' }],
    ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: 'pay.example.com' }],
    ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: 'https://example.com/pgw' }],
    ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: 'https://example.com/?a=b' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['ENCRYPTION_KEY', { ENCRYPTION_KEY: 'short' }],
    ['ENCRYPTION_KEY', { ENCRYPTION_KEY: Buffer.alloc(31).toString('base64') }],
    ['ENCRYPTION_KEYS_OLD', { ENCRYPTION_KEYS_OLD: 'short' }],
    ['ENCRYPTION_KEYS_OLD', { ENCRYPTION_KEYS_OLD: `${KEY},` }],
    ['ENCRYPTION_KEYS_OLD', { ENCRYPTION_KEYS_OLD: `${KEY} ${KEY}` }],
    ['ENCRYPTION_KEYS_OLD', { ENCRYPTION_KEYS_OLD: `${KEY},${Buffer.alloc(33).toString('base64')}` }],
    ['ENCRYPTION_KEY', { ENCRYPTION_KEY: Buffer.alloc(33).toString('base64') }],
    ['ENCRYPTION_KEY', { ENCRYPTION_KEY: `${KEY.slice(0, 20)}!!${KEY.slice(20)}` }],
    ['ENCRYPTION_KEY', WITHOUT('ENCRYPTION_KEY', PRODUCTION)],
    ['PAYPAY_BASE_URL', WITHOUT('PAYPAY_BASE_URL', PRODUCTION)],
    ['PAYPAY_BASE_URL', { ...PAYPAY, PAYPAY_BASE_URL: 'http://stg-api.sandbox.paypay.ne.jp' }],
    ['PAYPAY_BASE_URL', { ...PAYPAY, PAYPAY_BASE_URL: 'http://127.0.0.1.example.com' }],
    ['PAYPAY_BASE_URL', { ...PAYPAY, PAYPAY_BASE_URL: 'ftp://localhost' }],
    ['PAYPAY_API_KEY', WITHOUT('PAYPAY_API_KEY', PAYPAY_TEST)],
    ['PAYPAY_API_SECRET', WITHOUT('PAYPAY_API_SECRET', PAYPAY_TEST)],
    ['NODE_ENV', { ...PRODUCTION, NODE_ENV: 'development' }],
    ['NODE_ENV', { ...PRODUCTION, NODE_ENV: 'prod' }],
    ['PAYPAY_READS_PER_SECOND', { PAYPAY_READS_PER_SECOND: '0' }],
    ['PAYPAY_WEBHOOK_ALLOWED_IPS', { PAYPAY_WEBHOOK_ALLOWED_IPS: '10.0.0.1,paypay.ne.jp' }],
    ['PAYPAY_WEBHOOK_ALLOWED_IPS', { PAYPAY_WEBHOOK_ALLOWED_IPS: '10.0.0.0/33' }],
    ['PAYPAY_WEBHOOK_ALLOWED_IPS', { PAYPAY_WEBHOOK_ALLOWED_IPS: '10/8' }],
    ['PAYPAY_WEBHOOK_ALLOWED_IPS', { PAYPAY_WEBHOOK_ALLOWED_IPS: '10.1' }],
    ['PAYPAY_WEBHOOK_ALLOWED_IPS', { PAYPAY_WEBHOOK_ALLOWED_IPS: '::ffff:10.0.0.0/8' }],
  ])('%s in %j, with one line that names it', (variable, env) => {
    let message = '';
    try {
      loadConfig(env);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = (error as Error).message;
    }
    expect(message).toMatch(new RegExp(`^${variable} must .+`));
    expect(message).not.toContain('\n');
    expect(message).not.toContain('a-secret-value');
  });
});

describe('several settings that are wrong', () => {
  function problemsOf(env: Record<string, string>): string[] {
    try {
      loadConfig(env);
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as Error).message.split('\n');
    }
  }

  it('are all in one list, with those that are risky but allowed', () => {
    const lines = problemsOf({ NODE_ENV: 'production', PORT: 'web' });
    expect(lines.map((line) => line.match(/^ {2}[A-Z_]+(?= )| .*:$/)?.[0].trim())).toEqual([
      'settings must be changed:',
      'PORT',
      'PUBLIC_BASE_URL',
      'PAYPAY_BASE_URL',
      'PAYPAY_API_KEY',
      'PAYPAY_API_SECRET',
      'ENCRYPTION_KEY',
      'but allowed:',
      'DATABASE_URL',
      'PAYPAY_WEBHOOK_SECRET',
    ]);
    expect(lines[0]).toBe('6 settings must be changed:');
  });

  it('follow the rules of production when NODE_ENV is misspelled', () => {
    const text = problemsOf({ NODE_ENV: 'prodution', ...PAYPAY_TEST }).join('\n');
    expect(text).toContain('NODE_ENV must be unset or one of production, development, test');
    expect(text).toContain('ENCRYPTION_KEY must be set in production');
    expect(text).toContain('PUBLIC_BASE_URL must be set in production');
  });

  it('follow the rules of production without NODE_ENV where PayPay takes real money', () => {
    const text = problemsOf({ ...PAYPAY, PUBLIC_BASE_URL: 'http://pay.example.com' }).join('\n');
    expect(text).toContain('PUBLIC_BASE_URL must start with https:// in production');
    expect(text).toContain('ENCRYPTION_KEY must be set in production');
    expect(text).not.toContain('NODE_ENV');
  });

  it('never show a value', () => {
    const env = {
      NODE_ENV: 'production',
      ENCRYPTION_KEY: 'a-secret',
      PAYPAY_API_SECRET: 'another',
      PORT: 'x',
    };
    expect(problemsOf(env).join('\n')).not.toMatch(/a-secret|another/);
  });
});

describe('the configuration of a sandbox for tests', () => {
  it('needs no variables, keeps no state, and is the same at every start', () => {
    const config = loadTestConfig('temporary', {});
    expect(config).toMatchObject({
      isForTests: true,
      dataDir: 'temporary',
      database: { url: undefined, isDurable: false },
      rateLimits: { merchantPerMinute: 1_000_000, globalPerMinute: 1_000_000 },
    });
    expect(loadTestConfig('another', {}).encryptionKey).toEqual(config.encryptionKey);
    expect(Object.isFrozen(config) && Object.isFrozen(config.database)).toBe(true);
  });

  it('uses the variables that are set, and treats an empty value as unset', () => {
    const env = { DATA_DIR: 'kept', RATE_LIMIT_MERCHANT_PER_MINUTE: '5', LOG_LEVEL: '', PORT: '0' };
    expect(loadTestConfig('temporary', env)).toMatchObject({
      dataDir: 'kept',
      database: { isDurable: true },
      rateLimits: { merchantPerMinute: 5 },
      logLevel: 'error',
      http: { port: 0 },
    });
  });

  it('is refused in production and with a configured PayPay', () => {
    expect(() => loadTestConfig('temporary', { NODE_ENV: 'production' })).toThrow(/^NODE_ENV must not/);
    const payPay = { PAYPAY_BASE_URL: 'https://paypay.example' };
    expect(() => loadTestConfig('temporary', payPay)).toThrow(/^PAYPAY_BASE_URL must not/);
    expect(loadConfig({}).isForTests).toBe(false);
  });
});

describe('a generated secret', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-secrets-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('closes the folder to other users, an existing one too, and the files in it', async () => {
    const existing = join(dataDir, 'existing');
    await mkdir(existing);
    await chmod(existing, 0o755);
    await writeFile(join(existing, 'key'), 'a-secret', { mode: 0o644 });
    const created = join(dataDir, 'created', 'below');
    expect(await ensureSecret(existing, 'key', 32)).toBe('a-secret');
    await ensureSecret(created, 'key', 32);
    for (const folder of [existing, created]) {
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600);
    }
  });

  it('refuses a folder that all users share', async () => {
    await chmod(dataDir, 0o1777);
    await expect(ensureSecret(dataDir, 'key', 32)).rejects.toThrow('is shared by all users');
  });

  it.runIf(process.getuid?.() === 0)('refuses a secret or a folder of another user', async () => {
    await ensureSecret(dataDir, 'key', 32);
    await chown(join(dataDir, 'key'), 65_534, 65_534);
    await expect(ensureSecret(dataDir, 'key', 32)).rejects.toThrow(
      /key belongs to another user \(uid 65534\)/,
    );
    await chown(dataDir, 65_534, 65_534);
    await expect(ensureSecret(dataDir, 'other', 32)).rejects.toThrow('belongs to another user');
  });

  it('is as long as asked for, stays the same, and is readable by its owner only', async () => {
    const secret = await ensureSecret(dataDir, 'encryption-key', 32);
    expect(Buffer.from(secret, 'base64')).toHaveLength(32);
    expect(await ensureSecret(dataDir, 'encryption-key', 32)).toBe(secret);
    expect((await stat(join(dataDir, 'encryption-key'))).mode & 0o777).toBe(0o600);
  });

  it('is the same for all processes that create it concurrently, and no other file is left', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => ensureSecret(dataDir, 'key', 16)));
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).not.toBe('');
    expect(await readdir(dataDir)).toEqual(['key']);
  });

  it('that was emptied is not replaced, because data may be encrypted with it', async () => {
    await writeFile(join(dataDir, 'key'), '\n');
    await expect(ensureSecret(dataDir, 'key', 16)).rejects.toThrow(/is empty: restore the secret/);
  });

  it('creates the folder if it does not exist', async () => {
    expect(await ensureSecret(join(dataDir, 'new', 'folder'), 'key', 16)).not.toBe('');
  });
});
