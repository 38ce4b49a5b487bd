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
  await execute(db, 'update operator_sessions set last_seen_at = :now where hash = :hash', { hash, now });
}

export async function deleteSession(db: Db, hash: string): Promise<boolean> {
  return (await execute(db, 'delete from operator_sessions where hash = :hash', { hash })) > 0;
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
