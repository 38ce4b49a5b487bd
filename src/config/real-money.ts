/**
 * Checks settings that are fine on a laptop but dangerous with real money. Those that are certainly wrong prevent the
 * start; those that may be intended are warnings.
 */
import { ConfigError, type Env, LOOPBACK, read } from './read.ts';

const NODE_ENVS = ['production', 'development', 'test'];

/** @throws ConfigError for an unknown value, such as a misspelled `production` */
export function readIsProduction(env: Env): boolean {
  const value = read(env, 'NODE_ENV');
  if (value !== undefined && !NODE_ENVS.includes(value)) {
    throw new ConfigError('NODE_ENV', `must be unset or one of ${NODE_ENVS.join(', ')}`);
  }
  return value === 'production';
}

/** @throws ConfigError when links for payers of real money would lead to localhost or would not use TLS */
export function requirePublicLinks(env: Env): void {
  if (!takesRealMoney(env) || read(env, 'NODE_ENV') !== 'production') {
    return;
  }
  const url = read(env, 'PUBLIC_BASE_URL');
  if (url === undefined) {
    throw new ConfigError('PUBLIC_BASE_URL', 'must be set in production; otherwise links lead to localhost');
  }
  if (!url.startsWith('https:')) {
    throw new ConfigError('PUBLIC_BASE_URL', 'must start with https:// in production');
  }
}

/** One line for each setting that is allowed but risky. */
export function listWarnings(env: Env): string[] {
  if (!takesRealMoney(env)) {
    return [];
  }
  if (read(env, 'NODE_ENV') !== 'production') {
    return ['NODE_ENV is not production although PAYPAY_BASE_URL is set: set it if payments are real'];
  }
  const warnings: string[] = [];
  if (read(env, 'DATABASE_URL') === undefined) {
    warnings.push('DATABASE_URL is not set: payments are stored only in a database on this machine');
  }
  const proofs = ['PAYPAY_WEBHOOK_SECRET', 'PAYPAY_WEBHOOK_ALLOWED_IPS'];
  if (proofs.every((name) => read(env, name) === undefined)) {
    warnings.push(
      `${proofs.join(' and ')} are not set: every webhook is refused, so payments are noticed later`,
    );
  }
  return warnings;
}

/** Whether webhook endpoints may be on this machine: payments are simulated, by this process or by another one here. */
export function allowsLocalEndpoints(env: Env): boolean {
  return !takesRealMoney(env) && read(env, 'NODE_ENV') !== 'production';
}

/** A PayPay URL on this machine is taken to be a simulator. */
function takesRealMoney(env: Env): boolean {
  const url = read(env, 'PAYPAY_BASE_URL');
  return url !== undefined && !LOOPBACK.test(new URL(url).hostname);
}
