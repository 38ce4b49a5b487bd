/**
 * Challenges of sign-ins in progress: random, used once, and valid for minutes.
 */
import { drawBytes } from '../../lib/random.ts';
import {
  type Challenge,
  type ChallengePurpose,
  insertChallenge,
  takeChallenge,
} from '../../store/operator-accounts/challenges.ts';
import type { ServiceDeps } from '../deps.ts';

const BYTES = 32;
/** As long as an identity provider may take, where people enter passwords and codes. */
const OIDC_MS = 10 * 60_000;
const OTHERS_MS = 5 * 60_000;
/** For each purpose. More than the console's rate limit lets strangers have at one time. */
const MAX_CHALLENGES = 10_000;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

type Needs = Pick<ServiceDeps, 'db' | 'wallClock'>;

/** @returns base64url */
export async function createChallenge(
  { db, wallClock }: Needs,
  purpose: ChallengePurpose,
  { boundTo, data }: { readonly boundTo?: string | undefined; readonly data?: string } = {},
): Promise<string> {
  const challenge = drawBytes(BYTES).toString('base64url');
  const now = wallClock.now();
  const expiresAt = new Date(now.getTime() + (purpose === 'oidc' ? OIDC_MS : OTHERS_MS));
  await insertChallenge(db, { challenge, purpose, boundTo, data, expiresAt }, now, MAX_CHALLENGES);
  return challenge;
}

/** Takes the challenge, if it is one that has not expired, and is bound to `boundTo`. */
export async function useChallenge(
  { db, wallClock }: Needs,
  purpose: ChallengePurpose,
  challenge: string,
  boundTo?: string,
): Promise<Challenge | undefined> {
  const taken = CHALLENGE.test(challenge)
    ? await takeChallenge(db, challenge, purpose, wallClock.now())
    : undefined;
  return taken?.boundTo === boundTo ? taken : undefined;
}
