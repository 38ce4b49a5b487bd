/**
 * Sessions of operators, named by the hash of the secret in their cookie.
 */
import type { OperatorSession, SignInMethod } from '../../domain/operators/operator.ts';
import { type Db, execute, query } from '../db/query.ts';

interface SessionRow {
  readonly hash: string;
  readonly operator_id: string;
  readonly method: SignInMethod;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly verified_at: Date;
  readonly client_address: string | null;
  readonly user_agent: string | null;
}

const COLUMNS =
  'hash, operator_id, method, created_at, last_seen_at, verified_at, client_address, user_agent';

export async function insertSession(db: Db, session: OperatorSession): Promise<void> {
  await execute(
    db,
    `insert into operator_sessions (${COLUMNS})
     values (:hash, :operatorId, :method, :createdAt, :lastSeenAt, :verifiedAt, :clientAddress, :userAgent)`,
    {
      ...session,
      clientAddress: session.clientAddress ?? null,
      userAgent: session.userAgent ?? null,
    },
  );
}

export async function findSession(db: Db, hash: string): Promise<OperatorSession | undefined> {
  const [row] = await query<SessionRow>(db, `select ${COLUMNS} from operator_sessions where hash = :hash`, {
    hash,
  });
  return row && toSession(row);
}

/** Records that the operator was here. */
export async function touchSession(db: Db, hash: string, now: Date): Promise<void> {
  await execute(
    db,
    `with touched as (
       update operator_sessions set last_seen_at = :now where hash = :hash returning operator_id)
     update operators set last_seen_at = :now from touched where operators.id = touched.operator_id`,
    { hash, now },
  );
}

/** Records that the operator has proved again who they are. */
export async function setVerifiedAt(db: Db, hash: string, now: Date): Promise<boolean> {
  const sql = 'update operator_sessions set verified_at = :now where hash = :hash';
  return (await execute(db, sql, { hash, now })) > 0;
}

/** The sessions of an operator that were used after `since`, the latest first. */
export async function listSessions(
  db: Db,
  operatorId: string,
  since: Date,
  limit: number,
): Promise<OperatorSession[]> {
  const rows = await query<SessionRow>(
    db,
    `select ${COLUMNS} from operator_sessions where operator_id = :operatorId and last_seen_at > :since
     order by last_seen_at desc, hash limit :limit`,
    { operatorId, since, limit },
  );
  return rows.map(toSession);
}

export async function deleteSession(db: Db, hash: string): Promise<boolean> {
  return (await execute(db, 'delete from operator_sessions where hash = :hash', { hash })) > 0;
}

/** Deletes the sessions of an operator, all or those but one. @returns how many */
export async function deleteSessionsOf(db: Db, operatorId: string, except?: string): Promise<number> {
  return execute(db, 'delete from operator_sessions where operator_id = :operatorId and hash <> :except', {
    operatorId,
    except: except ?? '',
  });
}

/** Deletes sessions that were last used before `before`, and of an operator those beyond the `keep` latest. */
export async function deleteOldSessions(
  db: Db,
  {
    before,
    limit,
    operatorId,
    keep,
  }: {
    readonly before: Date;
    readonly limit: number;
    readonly operatorId: string;
    readonly keep: number;
  },
): Promise<void> {
  await execute(
    db,
    `delete from operator_sessions where hash in (
       select hash from (
         select hash from operator_sessions where last_seen_at < :before order by last_seen_at limit :limit) as ended
       union all
       select hash from (
         select hash from operator_sessions where operator_id = :operatorId
         order by last_seen_at desc offset :keep) as surplus)`,
    { before, limit, operatorId, keep },
  );
}

function toSession(row: SessionRow): OperatorSession {
  return {
    hash: row.hash,
    operatorId: row.operator_id,
    method: row.method,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    verifiedAt: row.verified_at,
    clientAddress: row.client_address ?? undefined,
    userAgent: row.user_agent ?? undefined,
  };
}
