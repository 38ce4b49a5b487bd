/**
 * Reads the access to PayPay: PAYPAY_BASE_URL and the other PAYPAY_* variables.
 */
import { readAddressRanges } from './address-ranges.ts';
import { ConfigError, type Env, LOOPBACK, read, readAll, readInteger, readUrl } from './read.ts';

/** @throws ConfigError */
export function readPayPay(env: Env, isProduction: boolean) {
  // In production it is required, and so are the other two.
  const isUsed = isProduction || read(env, 'PAYPAY_BASE_URL') !== undefined;
  return readAll({
    baseUrl: () => readBaseUrl(env, isProduction),
    apiKey: () => readAccess(env, 'PAYPAY_API_KEY', isUsed),
    apiSecret: () => readAccess(env, 'PAYPAY_API_SECRET', isUsed),
    webhookSecret: () => read(env, 'PAYPAY_WEBHOOK_SECRET'),
    webhookAllowedIps: () => readAddressRanges(env, 'PAYPAY_WEBHOOK_ALLOWED_IPS'),
    readsPerSecond: () => readInteger(env, 'PAYPAY_READS_PER_SECOND', 50, 100_000, 1),
  });
}

function readBaseUrl(env: Env, isProduction: boolean): string | undefined {
  const name = 'PAYPAY_BASE_URL';
  const url = readUrl(env, name, ['https:', 'http:'])?.replace(/\/+$/, '');
  if (url === undefined && isProduction) {
    throw new ConfigError(name, 'must be set in production: the sandbox takes no real money');
  }
  if (url !== undefined && new URL(url).protocol === 'http:' && !LOOPBACK.test(new URL(url).hostname)) {
    throw new ConfigError(name, 'must start with https:// (http:// is for loopback addresses only)');
  }
  return url;
}

function readAccess(env: Env, name: string, isUsed: boolean): string | undefined {
  const value = read(env, name);
  if (value === undefined && isUsed) {
    throw new ConfigError(name, 'must be set with PAYPAY_BASE_URL');
  }
  return value;
}
