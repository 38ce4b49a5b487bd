/**
 * Challenges of sign-ins in progress; each is used once.
 */
import { type Db, execute, query } from '../db/query.ts';

export type ChallengePurpose = 'sign_in' | 'register' | 'verify' | 'oidc';

export interface Challenge {
  readonly challenge: string;
  readonly purpose: ChallengePurpose;
  /** The hash of the session or of the invitation that it is for. */
  readonly boundTo: string | undefined;
  /** JSON. */
  readonly data: string | undefined;
  readonly expiresAt: Date;
}

/** Deletes what has expired, and of the challenges for the same purpose the oldest beyond `max`. */
export async function insertChallenge(db: Db, challenge: Challenge, now: Date, max: number): Promise<void> {
  const { purpose } = challenge;
  await execute(
    db,
    `delete from operator_challenges
     where expires_at <= :now or (purpose = :purpose and expires_at <= (
       select expires_at from operator_challenges where purpose = :purpose
       order by expires_at desc offset :max limit 1))`,
    { now, purpose, max: max - 1 },
  );
  await execute(
    db,
    `insert into operator_challenges (challenge, purpose, bound_to, data, expires_at)
     values (:challenge, :purpose, :boundTo, :data, :expiresAt)`,
    { ...challenge, boundTo: challenge.boundTo ?? null, data: challenge.data ?? null },
  );
}

/** Takes a challenge that has not expired; nobody can take it again. */
export async function takeChallenge(
  db: Db,
  challenge: string,
  purpose: ChallengePurpose,
  now: Date,
): Promise<Challenge | undefined> {
  const [row] = await query<{ bound_to: string | null; data: string | null; expires_at: Date }>(
    db,
    `delete from operator_challenges where challenge = :challenge and purpose = :purpose
     returning bound_to, data, expires_at`,
    { challenge, purpose },
  );
  return row && row.expires_at > now
    ? {
        challenge,
        purpose,
        boundTo: row.bound_to ?? undefined,
        data: row.data ?? undefined,
        expiresAt: row.expires_at,
      }
    : undefined;
}
