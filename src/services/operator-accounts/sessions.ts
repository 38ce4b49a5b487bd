/**
 * Sessions of operators: they end 30 minutes after the last request, and 12 hours after the sign-in.
 */
import type { OperatorRecord, OperatorSession, SignInMethod } from '../../domain/operators/operator.ts';
import { sha256Hex } from '../../lib/hash.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import { storableText } from '../../lib/text.ts';
import type { Db } from '../../store/db/query.ts';
import { findOperator } from '../../store/operator-accounts/operators.ts';
import {
  deleteOldSessions,
  findSession,
  insertSession,
  listSessions,
  touchSession,
} from '../../store/operator-accounts/sessions.ts';
import type { ServiceDeps } from '../deps.ts';

/** More than 32 random bytes. */
const SECRET_LENGTH = 44;
const SECRET = /^[A-Za-z0-9]{44}$/;
const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 3_600_000;
/** A session is written at most so often, so that reading pages does not write to the database. */
const TOUCH_MS = 60_000;
/** How long a proof of identity counts for what needs a fresh one. */
const VERIFIED_MS = 5 * 60_000;
const MAX_USER_AGENT = 200;
/** Sessions of one operator; the oldest ends when there would be more. */
const MAX_SESSIONS = 20;
/** Ended sessions that each sign-in deletes: more than the one that it adds. */
const DELETED_AT_ONCE = 100;

type Needs = Pick<ServiceDeps, 'db' | 'wallClock' | 'isSandbox'>;

/** Who is signed in, and since when. */
export interface SignedIn {
  readonly operator: OperatorRecord;
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
  await deleteOldSessions(db, {
    before: new Date(now.getTime() - IDLE_MS),
    limit: DELETED_AT_ONCE,
    operatorId,
    keep: MAX_SESSIONS - 1,
  });
  const hash = sha256Hex(secret);
  await insertSession(db, {
    hash,
    operatorId,
    method,
    createdAt: now,
    lastSeenAt: now,
    // An identity provider may have let in whoever sits at a browser that was signed in there, without asking.
    verifiedAt: method === 'oidc' ? new Date(0) : now,
    clientAddress: client.clientAddress,
    userAgent: client.userAgent && storableText(client.userAgent.slice(0, MAX_USER_AGENT)),
  });
  await touchSession(db, hash, now);
  return secret;
}

/** Whom the secret of a cookie signs in; undefined when the session has ended or the operator is disabled. */
export async function resumeSession(
  { db, wallClock, isSandbox }: Needs,
  secret: string,
): Promise<SignedIn | undefined> {
  const session = SECRET.test(secret) ? await findSession(db, sha256Hex(secret)) : undefined;
  const now = wallClock.now();
  if (!session || hasEnded(session, now)) {
    return undefined;
  }
  const operator = await findOperator(db, session.operatorId);
  // A demo operator has nothing to prove, and so nothing to do where money is real.
  if (!operator || operator.disabledAt || (operator.isDemo && !isSandbox)) {
    return undefined;
  }
  if (now.getTime() - session.lastSeenAt.getTime() >= TOUCH_MS) {
    await touchSession(db, session.hash, now);
  }
  return { operator, session };
}

/** The sessions of an operator that have not ended, the latest first. */
export async function listOpenSessions(
  { db, wallClock }: Pick<ServiceDeps, 'db' | 'wallClock'>,
  operatorId: string,
): Promise<OperatorSession[]> {
  const now = wallClock.now();
  const recent = await listSessions(db, operatorId, new Date(now.getTime() - IDLE_MS), MAX_SESSIONS);
  return recent.filter((session) => !hasEnded(session, now));
}

export function hasEnded({ createdAt, lastSeenAt }: OperatorSession, now: Date): boolean {
  return now.getTime() - lastSeenAt.getTime() >= IDLE_MS || now.getTime() - createdAt.getTime() >= LONGEST_MS;
}

/** Whether the operator has proved recently enough who they are. A demo operator has nothing to prove it with. */
export function isVerified({ operator, session }: SignedIn, now: Date): boolean {
  return operator.isDemo || now.getTime() - session.verifiedAt.getTime() < VERIFIED_MS;
}
