/**
 * Invitations of operators, by the hash of the secret in their link.
 */
import type { Invitation } from '../../domain/operators/operator.ts';
import { type Db, execute, query } from '../db/query.ts';

interface InvitationRow {
  readonly hash: string;
  readonly operator_id: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

/** Replaces the earlier invitations of the operator. */
export async function replaceInvitation(trx: Db, invitation: Omit<Invitation, 'usedAt'>): Promise<void> {
  await execute(trx, 'delete from operator_invitations where operator_id = :operatorId', {
    operatorId: invitation.operatorId,
  });
  await execute(
    trx,
    `insert into operator_invitations (hash, operator_id, created_at, expires_at)
     values (:hash, :operatorId, :createdAt, :expiresAt)`,
    { ...invitation },
  );
}

export async function findInvitation(db: Db, hash: string): Promise<Invitation | undefined> {
  const [row] = await query<InvitationRow>(
    db,
    'select hash, operator_id, created_at, expires_at, used_at from operator_invitations where hash = :hash',
    { hash },
  );
  return (
    row && {
      hash: row.hash,
      operatorId: row.operator_id,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      usedAt: row.used_at ?? undefined,
    }
  );
}

/** @returns false when it was used before or has expired */
export async function useInvitation(trx: Db, hash: string, now: Date): Promise<boolean> {
  const used = await execute(
    trx,
    `update operator_invitations set used_at = :now
     where hash = :hash and used_at is null and expires_at > :now`,
    { hash, now },
  );
  return used > 0;
}

export async function deleteInvitationsOf(trx: Db, operatorId: string): Promise<void> {
  await execute(trx, 'delete from operator_invitations where operator_id = :operatorId', { operatorId });
}
