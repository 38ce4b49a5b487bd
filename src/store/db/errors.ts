/**
 * Classifies database errors by what they mean to the caller. If `isDatabaseUnavailable` accepts an error, the request is
 * not at fault, and the caller can retry it.
 */

/**
 * - `lost`: the server ended this connection, is stopping, or refuses new ones;
 * - `stale`: this connection's prepared statements no longer match the server's;
 * - `read_only`: the server accepts no writes, as after a failover that demoted it;
 * - `unable`: the server has no disk, memory or connections left;
 * - `busy`: the statement waited too long, for a lock or for its result;
 * - `transient`: the server rolled back, and the same statements may succeed at once.
 */
export type Fault = 'lost' | 'stale' | 'read_only' | 'unable' | 'busy' | 'transient';

/** THE table: the fault for each SQLSTATE or its two-character class. A state that is not listed is a bug of the gateway. */
const FAULTS: Readonly<Record<string, Fault>> = {
  // Connection exceptions. PgBouncer also answers with these when it cannot reach its server.
  '08': 'lost',
  '25006': 'read_only',
  // Time limits at which the server ends a connection: idle in a transaction, too long a transaction.
  '25P03': 'lost',
  '25P04': 'lost',
  // A prepared statement that is unknown, or exists already, because a pooler has changed the server behind the connection.
  '26000': 'stale',
  '42P05': 'stale',
  // The user or the database is refused, for example while a password is changed or a database is restored.
  '28': 'lost',
  '3D000': 'lost',
  '40001': 'transient',
  '40P01': 'transient',
  // The outcome of the commit is unknown.
  '40003': 'lost',
  // Disk full, out of memory, too many connections, a configured limit exceeded.
  '53': 'unable',
  // Lock not available, object in use.
  '55P03': 'busy',
  '55006': 'busy',
  // Cancelled, usually by statement_timeout.
  '57014': 'busy',
  // Shutdown, crash, start-up, database dropped, idle session ended.
  '57': 'lost',
  // Errors of the operating system, such as a disk that fails.
  '58': 'unable',
};
/** The PostgreSQL function that reports a prepared statement whose result type has changed. The SQLSTATE is too general. */
const STALE_PLAN = { code: '0A000', routine: 'RevalidateCachedQuery' };

/** Node's error codes for an established connection that is lost. Errors while connecting are a ConnectError. */
const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTCONN',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);
/** Messages of node-postgres and knex, which give these errors no code. */
const LOST_MESSAGES =
  /Connection (terminated|ended)|timeout acquiring a connection|Unable to acquire a connection|Client (has encountered a connection error|was closed)|Query read timeout|timeout expired/i;

/** No connection could be opened. The cause says why. */
export class ConnectError extends Error {
  readonly code: unknown;
  readonly reason: string;

  constructor(cause: unknown) {
    const reason = describe(cause);
    super(`could not connect to the database: ${reason}`, { cause });
    this.name = 'ConnectError';
    this.reason = reason;
    this.code = codeOf(cause);
  }
}

/** The fault that an error response of the server means; undefined for a bug of the gateway. */
export function faultOf(response: Error): Fault | undefined {
  const { code, routine } = response as { code?: unknown; routine?: unknown };
  if (typeof code !== 'string' || code.length !== 5) {
    return undefined;
  }
  if (code === STALE_PLAN.code && routine === STALE_PLAN.routine) {
    return 'stale';
  }
  return FAULTS[code] ?? FAULTS[code.slice(0, 2)];
}

/**
 * Whether an error means that the database is temporarily unavailable: it is unreachable, the connection was lost, it does
 * not accept writes, or it took too long. The statement may or may not have taken effect.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  return (
    error instanceof ConnectError ||
    faultOf(error) !== undefined ||
    isConnectionLost(error) ||
    isDatabaseUnavailable(error.cause)
  );
}

/** Whether the connection of the statement cannot be used any more, while another one may serve at once. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ConnectError) {
    return false;
  }
  const fault = faultOf(error);
  return (
    fault === 'lost' ||
    fault === 'stale' ||
    LOST_CODES.has(String(codeOf(error))) ||
    LOST_MESSAGES.test(error.message)
  );
}

/** Whether a single row can be the cause (invalid data, a violated constraint), or a retry can succeed (a deadlock). */
export function isRowError(error: unknown): boolean {
  return /^(22|23|40)[0-9A-Z]{3}$/.test(String(codeOf(error)));
}

/** Whether the database rolled back because of a serialization failure or a deadlock, so that a retry can succeed. */
export function isTransient(error: unknown): boolean {
  return error instanceof Error && faultOf(error) === 'transient';
}

/** The SQLSTATE, or the code of Node. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined;
}

/** A host name with several addresses fails with an AggregateError of one error per address, and no message. */
function describe(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map(describe).join('; ');
  }
  return cause instanceof Error ? cause.message : String(cause);
}
