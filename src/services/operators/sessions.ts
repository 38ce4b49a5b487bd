/**
 * Sessions of operators: they end 30 minutes after the last request, and 12 hours after the sign-in.
 */
import type { Operator, OperatorSession, SignInMethod } from '../../domain/operators/operator.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import type { Db } from '../../store/db/query.ts';
import { findOperator } from '../../store/operators/operators.ts';
import { deleteSession, findSession, insertSession, touchSession } from '../../store/operators/sessions.ts';
import type { ServiceDeps } from '../deps.ts';

/** More than 32 random bytes. */
const SECRET_LENGTH = 44;
const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 3_600_000;
/** A session is written at most so often, so that reading pages does not write to the database. */
const TOUCH_MS = 60_000;
/** How long a proof of identity counts for what needs a fresh one. */
const VERIFIED_MS = 5 * 60_000;
const MAX_USER_AGENT = 200;

type Needs = Pick<ServiceDeps, 'db' | 'wallClock'>;

/** Who is signed in, and since when. */
export interface SignedIn {
  readonly operator: Operator;
  readonly session: OperatorSession;
}

/** @returns the secret for the cookie, which cannot be read again */
export async function openSession(
  { wallClock }: Pick<ServiceDeps, 'wallClock'>,
  db: Db,
  operatorId: string,
  method: SignInMethod,
  client: { readonly clientAddress: string | undefined; readonly userAgent: string | undefined },
): Promise<string> {
  const secret = randomAlphanumerics(SECRET_LENGTH);
  const now = wallClock.now();
  await insertSession(db, {
    hash: sha256Hex(secret),
    operatorId,
    method,
    createdAt: now,
    lastSeenAt: now,
    verifiedAt: now,
    clientAddress: client.clientAddress,
    userAgent: client.userAgent?.slice(0, MAX_USER_AGENT),
  });
  return secret;
}

/** Whom the secret of a cookie signs in; undefined when the session has ended or the operator is disabled. */
export async function resumeSession({ db, wallClock }: Needs, secret: string): Promise<SignedIn | undefined> {
  const session = await findSession(db, sha256Hex(secret));
  const now = wallClock.now();
  if (!session || hasEnded(session, now)) {
    return undefined;
  }
  const operator = await findOperator(db, session.operatorId);
  if (!operator || operator.disabledAt) {
    return undefined;
  }
  if (now.getTime() - session.lastSeenAt.getTime() >= TOUCH_MS) {
    await touchSession(db, session.hash, now);
  }
  return { operator, session };
}

export async function closeSession({ db }: Pick<ServiceDeps, 'db'>, hash: string): Promise<boolean> {
  return deleteSession(db, hash);
}

export function hasEnded({ createdAt, lastSeenAt }: OperatorSession, now: Date): boolean {
  return now.getTime() - lastSeenAt.getTime() >= IDLE_MS || now.getTime() - createdAt.getTime() >= LONGEST_MS;
}

/** Whether the operator has proved recently enough who they are. A demo operator has nothing to prove it with. */
export function isVerified({ operator, session }: SignedIn, now: Date): boolean {
  return operator.isDemo || now.getTime() - session.verifiedAt.getTime() < VERIFIED_MS;
}
