/**
 * Invitations: one-time links by which operators register. The secret in the link is shown once; its hash is stored.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Invitation, OperatorRecord } from '../../domain/operators/operator.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import type { Db } from '../../store/db/query.ts';
import {
  findInvitation,
  replaceInvitation,
  useInvitation,
} from '../../store/operator-accounts/invitations.ts';
import { findOperator, lockOperator } from '../../store/operator-accounts/operators.ts';
import type { ServiceDeps } from '../deps.ts';

/** More than 32 random bytes. */
const TOKEN_LENGTH = 44;
const TOKEN = /^[A-Za-z0-9]{44}$/;
const VALID_MS = 15 * 60_000;

/** An invitation that can be used, and whom it invites. */
export interface OpenInvitation {
  readonly invitation: Invitation;
  readonly operator: OperatorRecord;
}

/** @returns the secret for the link, which cannot be read again; it replaces the operator's earlier one */
export async function createInvitation(
  { wallClock }: Pick<ServiceDeps, 'wallClock'>,
  trx: Db,
  operatorId: string,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const token = randomAlphanumerics(TOKEN_LENGTH);
  const createdAt = wallClock.now();
  const expiresAt = new Date(createdAt.getTime() + VALID_MS);
  await replaceInvitation(trx, { hash: sha256Hex(token), operatorId, createdAt, expiresAt });
  return { token, expiresAt };
}

/** Undefined when it was used, has expired or was replaced, or the operator is disabled. */
export async function findOpenInvitation(
  { db, wallClock }: Pick<ServiceDeps, 'db' | 'wallClock'>,
  token: string,
): Promise<OpenInvitation | undefined> {
  const invitation = TOKEN.test(token) ? await findInvitation(db, sha256Hex(token)) : undefined;
  if (!invitation || invitation.usedAt || invitation.expiresAt <= wallClock.now()) {
    return undefined;
  }
  const operator = await findOperator(db, invitation.operatorId);
  return operator && !operator.disabledAt ? { invitation, operator } : undefined;
}

/**
 * Uses it up, within the caller's transaction. Locks the operator first, as every change of an operator does, so that the two wait
 * for each other and do not deadlock.
 * @throws forbidden when it cannot be used any more
 */
export async function takeInvitation(
  { wallClock }: Pick<ServiceDeps, 'wallClock'>,
  trx: Db,
  { hash, operatorId }: Pick<Invitation, 'hash' | 'operatorId'>,
): Promise<void> {
  await lockOperator(trx, operatorId);
  if (!(await useInvitation(trx, hash, wallClock.now()))) {
    throw new DomainError('forbidden', 'This invitation was used or has expired');
  }
}
