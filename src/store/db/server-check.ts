/**
 * Checks once at start-up whether the gateway can work with the configured database, so that an unsuitable one is refused
 * then and does not make requests fail later.
 */
import type { Knex } from 'knex';
import { ConnectError, codeOf } from './errors.ts';
import { connect } from './knex.ts';
import { query } from './query.ts';

export interface ServerFacts {
  /** In the form of `server_version_num`: 150004 is 15.4. */
  readonly version: number;
  readonly encoding: string;
  readonly acceptsWrites: boolean;
}

const OLDEST_VERSION = 15;
/** A pooler may by chance use the same server connection once or twice. */
const ROUNDS = 3;

/** What is wrong with the database, as a predicate to follow `DATABASE_URL`; undefined if nothing is. */
export async function findServerProblem(url: string): Promise<string | undefined> {
  const pool = connect(url, { poolMax: 2, applicationName: 'mpac-pgw check' });
  try {
    const problem = problemOf(await readFacts(pool));
    return problem ?? ((await sharesSessions(pool)) ? SHARED : undefined);
  } catch (error) {
    return describeFailure(error);
  } finally {
    await pool.destroy();
  }
}

const SHARED =
  'leads to a connection pooler in transaction mode, which supports neither session settings nor LISTEN: ' +
  'set its pool_mode to session, or connect to PostgreSQL directly';

/** What is wrong with such a server, as a predicate; undefined if nothing is. */
export function problemOf({ version, encoding, acceptsWrites }: ServerFacts): string | undefined {
  const major = Math.floor(version / 10_000);
  if (major < OLDEST_VERSION) {
    return `leads to PostgreSQL ${major}: the gateway needs version ${OLDEST_VERSION} or newer`;
  }
  if (encoding !== 'UTF8') {
    return `leads to a database with the encoding ${encoding}: create one with the encoding UTF8`;
  }
  if (!acceptsWrites) {
    return 'leads to a server that accepts no writes (a standby, or default_transaction_read_only): connect to the primary';
  }
  return undefined;
}

async function readFacts(pool: Knex): Promise<ServerFacts> {
  const [facts] = await query<ServerFacts>(
    pool,
    `select current_setting('server_version_num')::int as version, pg_encoding_to_char(encoding) as encoding,
       current_setting('transaction_read_only') = 'off' and not pg_is_in_recovery() as "acceptsWrites"
     from pg_database where datname = current_database()`,
  );
  if (!facts) {
    throw new Error('the server does not know the database');
  }
  return facts;
}

/**
 * Whether a pooler reassigns server sessions between transactions. One connection is idle while a second one runs a
 * transaction. The second can get the session of the first only if sessions are shared.
 */
async function sharesSessions(pool: Knex): Promise<boolean> {
  const idle = await pool.client.acquireConnection();
  const idlePid = async () => (await idle.query('select pg_backend_pid() as pid')).rows[0].pid as number;
  try {
    const pid = await idlePid();
    for (let round = 0; round < ROUNDS; round += 1) {
      const isShared = await pool.transaction(async (trx) => {
        const [other] = await query<{ pid: number }>(trx, 'select pg_backend_pid() as pid');
        return other?.pid === pid || (await idlePid()) !== pid;
      });
      if (isShared) {
        return true;
      }
    }
    return false;
  } finally {
    await pool.client.releaseConnection(idle);
  }
}

function describeFailure(error: unknown): string {
  const reason = (error instanceof ConnectError ? error.reason : String(error)).replaceAll(/\s+/g, ' ');
  switch (codeOf(error)) {
    case '28P01':
    case '28000':
      return `is refused by the server: ${reason}`;
    case '3D000':
      return `leads to a server without that database: ${reason}`;
    default:
      return `leads to no usable PostgreSQL: ${reason}`;
  }
}
