/**
 * Prepares the connections of a pool: each gets the session settings that the code relies on, and is discarded when an
 * error of the server shows that it is no longer usable. Otherwise a pool would keep its connections to a server that a
 * failover has demoted.
 */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { monotonicMs, systemClock } from '../../lib/clock.ts';
import { ConnectError, type Fault, faultOf } from './errors.ts';

/** The parts of the driver's client that are used here. */
interface Connection extends EventEmitter {
  /** False while a statement is in progress. */
  readonly readyForQuery: boolean;
  readonly connection: EventEmitter & { readonly stream: Socket };
  /** If this is set, knex discards the connection instead of using it again. */
  __knex__disposed?: unknown;
  query(statement: { readonly text: string; readonly query_timeout: number }): Promise<unknown>;
  end(): Promise<void>;
}

/** The parts of knex's client that are used here. */
export interface Connector {
  acquireRawConnection(): Promise<Connection>;
}

/** A fault that the server reported, and when, in monotonic milliseconds. */
export interface ServerFault {
  readonly fault: Fault;
  readonly atMs: number;
}

/** A longer wait for a lock means that another transaction is stuck. */
const LOCK_TIMEOUT_MS = 5_000;
export const STATEMENT_TIMEOUT_MS = 15_000;
/** Transactions wait for nothing but the database, so they are never idle for long. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** How long the server may take to apply the settings of a new connection. */
const SETTINGS_TIMEOUT_MS = 5_000;

/**
 * Set explicitly, because the defaults of server, database and user may differ. Sent as a statement and not as start-up
 * parameters, because PgBouncer refuses most of those.
 */
const SETTINGS = Object.entries({
  client_encoding: 'UTF8',
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
})
  .map(([name, value]) => `set ${name} = '${value}'`)
  .join('; ');

/** Faults after which the connection is useless. */
const ENDING: ReadonlySet<Fault> = new Set(['lost', 'stale', 'read_only']);

const lastFaults = new WeakMap<object, ServerFault>();

/** The last fault that the server reported to a connection of this pool. */
export function lastFaultOf(connector: object): ServerFault | undefined {
  return lastFaults.get(connector);
}

/**
 * Makes a pool prepare each connection that it opens; see the module comment.
 * @param responseTimeoutMs time without a response after which a connection is destroyed; undefined for no limit
 */
export function prepareConnections(connector: Connector, responseTimeoutMs: number | undefined): void {
  const open = connector.acquireRawConnection.bind(connector);
  const connections = new Set<Connection>();
  connector.acquireRawConnection = async () => {
    try {
      const connection = await open();
      connections.add(connection);
      connection.once('end', () => connections.delete(connection));
      watchFaults(connector, connection, connections);
      if (responseTimeoutMs !== undefined) {
        limitResponseTime(connection, responseTimeoutMs);
      }
      await applySettings(connection);
      return connection;
    } catch (cause) {
      throw new ConnectError(cause);
    }
  };
}

async function applySettings(connection: Connection): Promise<void> {
  try {
    await connection.query({ text: SETTINGS, query_timeout: SETTINGS_TIMEOUT_MS });
  } catch (error) {
    // Not `end()`, which waits for a server that may have stopped responding.
    connection.connection.stream.destroy();
    throw error;
  }
}

/** Observes the server's error responses at the connection, so that callers need not report them to the pool. */
function watchFaults(connector: object, connection: Connection, connections: ReadonlySet<Connection>): void {
  connection.connection.on('errorMessage', (response: Error) => {
    const fault = faultOf(response);
    if (fault === undefined) {
      return;
    }
    lastFaults.set(connector, { fault, atMs: monotonicMs(systemClock) });
    if (fault === 'read_only') {
      // The other connections lead to the same server. Each is discarded once its current statement has ended.
      for (const each of connections) {
        each.__knex__disposed ??= response;
      }
    } else if (ENDING.has(fault)) {
      connection.__knex__disposed ??= response;
    }
  });
}

/** Destroys a connection whose server has not responded for `responseTimeoutMs`, so that its statement fails. */
function limitResponseTime(connection: Connection, responseTimeoutMs: number): void {
  const { stream } = connection.connection;
  // Any traffic restarts the timeout, so it also fires on an idle connection.
  stream.setTimeout(responseTimeoutMs);
  stream.on('timeout', () => {
    if (!connection.readyForQuery) {
      stream.destroy(new Error('Connection terminated: the database does not respond'));
    }
  });
}
