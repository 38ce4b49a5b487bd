/**
 * Whether money is real, and which settings are then dangerous. Those that endanger money or what protects it prevent the
 * start; those that may be intended are warnings.
 */
import { ConfigError, type Env, LOOPBACK, read } from './read.ts';

const NODE_ENVS = ['production', 'development', 'test'];
/** PayPay's API for real payments, under its current and its earlier name. Its test environments have other hosts. */
const LIVE_HOSTS = ['apigw.paypay.ne.jp', 'api.paypay.ne.jp'];

/**
 * Whether the rules of production apply: NODE_ENV says so, or PayPay's address is that of real payments.
 * @throws ConfigError for an unknown NODE_ENV, such as a misspelled `production`, or one that contradicts the address
 */
export function readIsProduction(env: Env): boolean {
  const value = read(env, 'NODE_ENV');
  if (value !== undefined && !NODE_ENVS.includes(value)) {
    throw new ConfigError('NODE_ENV', `must be unset or one of ${NODE_ENVS.join(', ')}`);
  }
  if (value !== undefined && value !== 'production' && isLivePayPay(env)) {
    throw new ConfigError(
      'NODE_ENV',
      `must not be ${value}: PAYPAY_BASE_URL is where PayPay takes real money`,
    );
  }
  return isProduction(env);
}

/** As `readIsProduction`, but never throws: with a PayPay that is not the sandbox, a wrong NODE_ENV means production. */
export function isProduction(env: Env): boolean {
  const value = read(env, 'NODE_ENV');
  const isUnknown = value !== undefined && !NODE_ENVS.includes(value);
  return value === 'production' || isLivePayPay(env) || (isUnknown && takesRealMoney(env));
}

/** @throws ConfigError when links for payers of real money would lead to localhost or would not use TLS */
export function requirePublicLinks(env: Env): void {
  if (!isProduction(env) || hasLocalPayPay(env)) {
    return;
  }
  const url = read(env, 'PUBLIC_BASE_URL');
  if (url === undefined) {
    throw new ConfigError('PUBLIC_BASE_URL', 'must be set in production; otherwise links lead to localhost');
  }
  if (!url.startsWith('https:')) {
    throw new ConfigError('PUBLIC_BASE_URL', 'must start with https:// in production');
  }
  if (LOOPBACK.test(hostOf(url) ?? '')) {
    throw new ConfigError(
      'PUBLIC_BASE_URL',
      'must not be this machine in production: payers cannot reach it',
    );
  }
}

/** One line for each setting that is allowed but risky. */
export function listWarnings(env: Env): string[] {
  if (isProduction(env)) {
    return hasLocalPayPay(env)
      ? []
      : [...databaseWarnings(env), ...webhookWarnings(env), ...consoleWarnings(env)];
  }
  return takesRealMoney(env)
    ? ['NODE_ENV is not production although PAYPAY_BASE_URL is set: set it if payments are real']
    : [];
}

function databaseWarnings(env: Env): string[] {
  return read(env, 'DATABASE_URL') === undefined
    ? ['DATABASE_URL is not set: payments are stored only in a database on this machine']
    : [];
}

function consoleWarnings(env: Env): string[] {
  return read(env, 'CONSOLE_PORT') !== undefined && read(env, 'CONSOLE_URL') === undefined
    ? [
        'CONSOLE_URL is not set: operators can sign in to the console only at localhost, and invitations lead there',
      ]
    : [];
}

function webhookWarnings(env: Env): string[] {
  const proofs = ['PAYPAY_WEBHOOK_SECRET', 'PAYPAY_WEBHOOK_ALLOWED_IPS'];
  const given = proofs.filter((name) => read(env, name) !== undefined);
  if (given.length === 0) {
    return [`${proofs.join(' and ')} are not set: every webhook is refused, so payments are noticed later`];
  }
  const hasOnlyAddresses = !given.includes('PAYPAY_WEBHOOK_SECRET');
  return hasOnlyAddresses && read(env, 'TRUSTED_PROXIES') === undefined
    ? [
        'TRUSTED_PROXIES is not set: behind the proxy that ends TLS, PAYPAY_WEBHOOK_ALLOWED_IPS is compared with the ' +
          "proxy's address, so every webhook is refused",
      ]
    : [];
}

/**
 * Whether payments are simulated, by this process or by another one on this machine. What helps developers but would be unsafe
 * with real money is allowed, such as webhook endpoints on this machine, and pages say that it is a test.
 */
export function isSimulated(env: Env): boolean {
  return !takesRealMoney(env) && !isProduction(env);
}

/** Whether payments leave this machine. PayPay's test environments count too, because they cannot be recognised. */
export function takesRealMoney(env: Env): boolean {
  return read(env, 'PAYPAY_BASE_URL') !== undefined && !hasLocalPayPay(env);
}

/** A PayPay URL on this machine is taken to be a simulator. */
function hasLocalPayPay(env: Env): boolean {
  const host = hostOf(read(env, 'PAYPAY_BASE_URL'));
  return host !== undefined && LOOPBACK.test(host);
}

function isLivePayPay(env: Env): boolean {
  return LIVE_HOSTS.includes(hostOf(read(env, 'PAYPAY_BASE_URL')) ?? '');
}

/** @returns undefined unless the text is a URL, which another reader requires */
function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}
