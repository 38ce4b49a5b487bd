/**
 * Making connections: the one place that configures knex and the driver.
 */
import type { Socket } from 'node:net';
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';

export interface ConnectOptions {
  readonly poolMax: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** How long a statement that was sent may go unanswered. */
  readonly responseTimeoutMs?: number;
}

/** Waiting this long for a row that another transaction holds means that something is stuck. */
const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** The server ends what takes it too long. This is for a server that is gone without a word, which TCP notices after minutes. */
const RESPONSE_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
/** No transaction of ours waits for anything but the database. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a request waits for a free connection before it is told to come again. */
const ACQUIRE_TIMEOUT_MS = 5_000;

/** A pool of connections. Close it with `destroy()`. */
export function connect(url: string, options: ConnectOptions): Knex {
  const { poolMax, applicationName = 'mpac-pgw', responseTimeoutMs = RESPONSE_TIMEOUT_MS } = options;
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
    pool: {
      min: 0,
      max: poolMax,
      propagateCreateError: true,
      afterCreate: limitResponseTime(responseTimeoutMs),
    },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // What goes wrong is thrown to whoever asked; knex's own lines on standard output tell it twice and in another form.
    log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
  });
}

/**
 * A pool on the same database whose statements may take any time, for migrations. Close it with `destroy()`.
 * @param knex what `connect` returned
 */
export function connectWithoutTimeout(knex: Knex): Knex {
  const config: Knex.Config = knex.client.config;
  return knexFactory({ ...config, pool: { min: 0, max: 1 } });
}

/** The driver's client, as far as it is used here. */
interface Client {
  /** False while a statement is unanswered. */
  readonly readyForQuery: boolean;
  readonly connection: { readonly stream: Socket };
}

/** Destroys a connection whose server has not answered for `responseTimeoutMs`, so that its statement fails. */
function limitResponseTime(responseTimeoutMs: number) {
  return (client: Client, done: (error: undefined, client: Client) => void): void => {
    const { stream } = client.connection;
    // Each byte sent or received starts the time anew, so it also runs out on an idle connection.
    stream.setTimeout(responseTimeoutMs);
    stream.on('timeout', () => {
      if (!client.readyForQuery) {
        stream.destroy(new Error('Connection terminated: the database does not answer'));
      }
    });
    done(undefined, client);
  };
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
  if (!Number.isSafeInteger(value)) {
    throw new Error(`the bigint ${text} does not fit a number`);
  }
  return value;
}
