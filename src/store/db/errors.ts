/**
 * Classifies database errors by what they mean to the caller.
 */

/** SQLSTATEs of connection failures, shutdown and too many connections. */
const UNAVAILABLE_STATES = /^(08|57P0[123]|53300)/;
/** Codes of node-postgres and the operating system for a lost or refused connection. */
const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const UNAVAILABLE_MESSAGES =
  /Connection terminated|timeout acquiring a connection|Unable to acquire a connection|Client has encountered a connection error/i;

/** Whether the database was unreachable or the connection was lost. Whether the statement took effect is unknown. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (UNAVAILABLE_STATES.test(code) || UNAVAILABLE_CODES.has(code))) {
    return true;
  }
  return UNAVAILABLE_MESSAGES.test(error.message) || isDatabaseUnavailable(error.cause);
}

/** Whether a single row can be the cause (invalid data, a violated constraint), or a retry can succeed (a deadlock). */
export function isRowError(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^(22|23|40)[0-9A-Z]{3}$/.test(code);
}

/** Whether a statement waited too long for a lock. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '55P03';
}

/** Whether the database rolled back because of a serialization failure or a deadlock, so that a retry can succeed. */
export function isTransient(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return code === '40001' || code === '40P01';
}
