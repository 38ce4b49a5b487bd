/**
 * Making connections: the one place that configures knex and the driver.
 */
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { PREPARED } from './db.ts';

export interface ConnectOptions {
  readonly poolMax: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
}

/** Waiting this long for a row that another transaction holds means that something is stuck. */
const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** No transaction of ours waits for anything but the database. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a request waits for a free connection before it is told to come again. */
const ACQUIRE_TIMEOUT_MS = 5_000;

/** A pool of connections. Close it with `destroy()`. */
export function connect(url: string, { poolMax, applicationName = 'mpac-pgw' }: ConnectOptions): Knex {
  // Of the driver, whose options are more than knex's type knows.
  const connection = {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    types: { getTypeParser },
  };
  return knexFactory({
    client: 'pg',
    // Values have no place in error messages, which go into the log.
    compileSqlOnError: false,
    connection,
    pool: { min: 0, max: poolMax, propagateCreateError: true, afterCreate: nameStatements },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // What goes wrong is thrown to whoever asked; knex's own lines on standard output tell it twice and in another form.
    log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
  });
}

type Query = (config: { text: string; name?: string }, ...rest: unknown[]) => unknown;

const names = new Map<string, string>();

/** Gives the statements that ask to be prepared a name, which is how the driver keeps them; knex cannot say it. */
function nameStatements(
  connection: { query: Query },
  done: (error: undefined, connection: unknown) => void,
): void {
  const send = connection.query.bind(connection) as Query;
  connection.query = (config, ...rest) => {
    if (!config.text?.startsWith(PREPARED)) return send(config, ...rest);
    let name = names.get(config.text);
    if (name === undefined) {
      name = `pgw_${names.size}`;
      names.set(config.text, name);
    }
    return send({ ...config, name }, ...rest);
  };
  done(undefined, connection);
}

function quiet(): void {}

/** bigint as number: amounts have at most 11 digits; a value beyond what a number holds exactly is a fault, not a sum. */
function getTypeParser(oid: number, format?: string): (value: string) => unknown {
  return oid === pg.types.builtins.INT8 && format !== 'binary'
    ? parseBigint
    : pg.types.getTypeParser(oid, format as 'text');
}

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`the bigint ${text} does not fit a number`);
  return value;
}
