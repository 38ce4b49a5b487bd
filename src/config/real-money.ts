/**
 * Settings that are fine on a laptop and dangerous with real money. What is certainly wrong stops the start; what may be
 * meant is a warning.
 */
import { ConfigError, type Env, LOOPBACK, read } from './read.ts';

const NODE_ENVS = ['production', 'development', 'test'];

/** @throws ConfigError for a value that looks like production and is not */
export function readIsProduction(env: Env): boolean {
  const value = read(env, 'NODE_ENV');
  if (value !== undefined && !NODE_ENVS.includes(value)) {
    throw new ConfigError('NODE_ENV', `must be one of ${NODE_ENVS.join(', ')}, or not be set`);
  }
  return value === 'production';
}

/** @throws ConfigError when payers of real money would get links that do not work, or are not encrypted */
export function requirePublicLinks(env: Env): void {
  if (!takesRealMoney(env) || read(env, 'NODE_ENV') !== 'production') {
    return;
  }
  const url = read(env, 'PUBLIC_BASE_URL');
  if (url === undefined) {
    throw new ConfigError(
      'PUBLIC_BASE_URL',
      'must be set in production: without it, links lead to localhost',
    );
  }
  if (!url.startsWith('https:')) {
    throw new ConfigError('PUBLIC_BASE_URL', 'must start with https:// in production');
  }
}

/** One line for each setting that a careful operator would want to know about. */
export function listWarnings(env: Env): string[] {
  if (!takesRealMoney(env)) {
    return [];
  }
  if (read(env, 'NODE_ENV') !== 'production') {
    return ['NODE_ENV is not production although PAYPAY_BASE_URL is set: set it if payments are real'];
  }
  const warnings: string[] = [];
  if (read(env, 'DATABASE_URL') === undefined) {
    warnings.push('DATABASE_URL is not set: payments are in a database on this machine alone');
  }
  const proofs = ['PAYPAY_WEBHOOK_SECRET', 'PAYPAY_WEBHOOK_ALLOWED_IPS'];
  if (proofs.every((name) => read(env, name) === undefined)) {
    warnings.push(
      `${proofs.join(' and ')} are not set: every webhook is refused, and payments are found later`,
    );
  }
  return warnings;
}

/** A PayPay on this machine is a simulator. */
function takesRealMoney(env: Env): boolean {
  const url = read(env, 'PAYPAY_BASE_URL');
  return url !== undefined && !LOOPBACK.test(new URL(url).hostname);
}
