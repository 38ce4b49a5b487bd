/**
 * Signing in and out, and ending sessions.
 */
import { DomainError } from '../../domain/errors.ts';
import type { SignInMethod } from '../../domain/operators/operator.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { findOperator, keepOperator } from '../../store/operator-accounts/operators.ts';
import {
  deleteSession,
  deleteSessionsOf,
  findSession,
  setVerifiedAt,
} from '../../store/operator-accounts/sessions.ts';
import type { ServiceDeps } from '../deps.ts';
import { type ActOrigin, byThemselves, type OperatorAct, recordOperatorAct } from './acts.ts';
import { openSession, type SignedIn } from './sessions.ts';

/** The name of a session. */
const HASH = /^[0-9a-f]{64}$/;

type Needs = Pick<ServiceDeps, 'db' | 'clock' | 'wallClock'>;

/** From where somebody signs in. */
export interface SignInOrigin extends ActOrigin {
  readonly clientAddress: string | undefined;
  readonly userAgent: string | undefined;
}

/**
 * Opens a session for an operator who has proved who they are; within the caller's transaction, as its last step.
 * @returns the secret for the cookie
 * @throws forbidden when the operator is disabled
 */
export async function signInOperator(
  deps: Needs,
  trx: Db,
  operatorId: string,
  method: SignInMethod,
  origin: SignInOrigin,
): Promise<string> {
  await keepOperator(trx, operatorId);
  const operator = await findOperator(trx, operatorId);
  if (!operator || operator.disabledAt) {
    throw new DomainError('forbidden', 'This operator is disabled');
  }
  const secret = await openSession(deps, trx, operatorId, method, origin);
  const after = { method };
  await recordOperatorAct(deps, trx, byThemselves(operatorId, origin), 'operator.signed_in', operatorId, {
    after,
  });
  return secret;
}

export async function signOut(
  deps: Needs,
  { operator, session }: SignedIn,
  origin: ActOrigin,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (await deleteSession(trx, session.hash)) {
      const act = byThemselves(operator.id, origin);
      await recordOperatorAct(deps, trx, act, 'operator.signed_out', operator.id);
    }
  });
}

/** Records, within the caller's transaction, that the operator of the session has proved again who they are. */
export async function recordVerification(
  deps: Needs,
  trx: Db,
  session: { readonly operatorId: string; readonly hash: string },
  origin: ActOrigin,
): Promise<void> {
  if (!(await setVerifiedAt(trx, session.hash, deps.wallClock.now()))) {
    throw new DomainError('forbidden', 'The session has ended');
  }
  const act = byThemselves(session.operatorId, origin);
  await recordOperatorAct(deps, trx, act, 'operator.verified', session.operatorId);
}

/** @throws not_found when the operator has no such session */
export async function endSession(
  deps: Needs,
  act: OperatorAct,
  operatorId: string,
  hash: string,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const session = HASH.test(hash) ? await findSession(trx, hash) : undefined;
    if (session?.operatorId !== operatorId || !(await deleteSession(trx, hash))) {
      throw new DomainError('not_found', 'There is no such session');
    }
    await recordOperatorAct(deps, trx, act, 'session.ended', operatorId, { before: { sessions: 1 } });
  });
}

/** Ends all sessions of an operator, or all but one. @returns how many there were */
export async function endSessions(
  deps: Needs,
  act: OperatorAct,
  operatorId: string,
  except?: string,
): Promise<number> {
  return inTransaction(deps.db, async (trx) => {
    const sessions = await deleteSessionsOf(trx, operatorId, except);
    if (sessions > 0) {
      await recordOperatorAct(deps, trx, act, 'session.ended', operatorId, { before: { sessions } });
    }
    return sessions;
  });
}
