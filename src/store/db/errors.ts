/**
 * Telling faults of the database apart by what they mean to the caller.
 */

/** Connection classes of SQLSTATE: connection exceptions, shutting down, too many connections. */
const AWAY_STATES = /^(08|57P0[123]|53300)/;
/** What node-postgres and the operating system call a lost or refused connection. */
const AWAY_CODES = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EHOSTUNREACH',
    'ENETUNREACH',
  ],
]);
const AWAY_MESSAGES =
  /Connection terminated|timeout acquiring a connection|Unable to acquire a connection|Client has encountered a connection error/i;

/** Whether the database could not be reached, or broke off: nothing is known about the statement's effect. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (AWAY_STATES.test(code) || AWAY_CODES.has(code))) {
    return true;
  }
  return AWAY_MESSAGES.test(error.message) || isDatabaseUnavailable(error.cause);
}

/** Whether one row of many can have caused it, or another try cures it: wrong data, a broken constraint, a deadlock. */
export function isOfOneRow(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^(22|23|40)[0-9A-Z]{3}$/.test(code);
}

/** Whether a statement gave up waiting for a lock or took too long. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '55P03';
}

/** Whether the database undid a transaction for a reason that another try does not have: serialization, deadlock. */
export function isTransient(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return code === '40001' || code === '40P01';
}
