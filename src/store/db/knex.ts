/**
 * Database connections: the only module that configures knex and the driver.
 */
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { prepareConnections, STATEMENT_TIMEOUT_MS } from './connection.ts';

export interface ConnectOptions {
  readonly poolMax: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** Time without a response after which a connection is destroyed. */
  readonly responseTimeoutMs?: number;
}

/** Longer than the server's own limit: for a server that vanished, which TCP notices only after minutes. */
const RESPONSE_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a request waits for a free connection before it fails with 503. */
const ACQUIRE_TIMEOUT_MS = 5_000;

/** A pool of connections. Close it with `destroy()`. */
export function connect(url: string, options: ConnectOptions): Knex {
  const { poolMax, applicationName = 'mpac-pgw', responseTimeoutMs = RESPONSE_TIMEOUT_MS } = options;
  // A variable, because knex's type does not know all options of the driver.
  const connection = {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
  const knex = knexFactory({
    client: 'pg',
    // The oldest supported version. If it is not set, knex asks the server for it, without a time limit.
    version: '15',
    // Error messages are logged and must not contain values.
    compileSqlOnError: false,
    connection,
    pool: { min: 0, max: poolMax, propagateCreateError: true },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // Errors are thrown to the caller, so knex need not print them as well.
    log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
  });
  prepareConnections(knex.client, responseTimeoutMs);
  return knex;
}

/**
 * A pool on the same database without the client's response timeout, for migrations; the server's statement_timeout still
 * applies. Close it with `destroy()`.
 * @param knex what `connect` returned
 */
export function connectWithoutTimeout(knex: Knex): Knex {
  const config: Knex.Config = knex.client.config;
  const unlimited = knexFactory({ ...config, pool: { min: 0, max: 1 } });
  prepareConnections(unlimited.client, undefined);
  return unlimited;
}

function quiet(): void {}

/** Parses bigint to number: amounts have at most 11 digits, so a value that is not a safe integer is an error. */
function getTypeParser(oid: number, format?: string): (value: string) => unknown {
  return oid === pg.types.builtins.INT8 && format !== 'binary'
    ? parseBigint
    : pg.types.getTypeParser(oid, format as 'text');
}

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new Error(`the bigint ${text} does not fit a number`);
  }
  return value;
}
