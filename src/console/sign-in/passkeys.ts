/**
 * The ceremonies of passkeys: what a browser is asked for, and the verification of what it returns.
 */
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransportFuture,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Operator, Passkey } from '../../domain/operators/operator.ts';
import { createChallenge, useChallenge } from '../../services/operator-accounts/challenges.ts';
import type { NewPasskey } from '../../services/operator-accounts/passkeys.ts';
import type { ChallengePurpose } from '../../store/operator-accounts/challenges.ts';
import { findPasskey, listPasskeys } from '../../store/operator-accounts/passkeys.ts';
import type { ConsoleDeps } from '../call.ts';

/** Why a browser's response was refused; the texts of the sign-in say it in words. */
export type PasskeyProblem = 'expired' | 'unknown' | 'failed';

export class PasskeyRefusal extends Error {
  readonly problem: PasskeyProblem;

  constructor(problem: PasskeyProblem, cause?: unknown) {
    super(problem, { cause });
    this.name = 'PasskeyRefusal';
    this.problem = problem;
  }
}

/** As long as the challenge. */
const TIMEOUT_MS = 5 * 60_000;
/** The specification allows credential ids of 1,023 bytes. */
const MAX_ID = 1_364;
const RP_NAME = 'mpac-pgw';
const TRANSPORTS: ReadonlySet<string> = new Set([
  'ble',
  'cable',
  'hybrid',
  'internal',
  'nfc',
  'smart-card',
  'usb',
]);

/** Passkeys belong to the host of the console. */
function relyingParty({ options }: ConsoleDeps): { readonly id: string; readonly origin: string } {
  return { id: new URL(options.url).hostname, origin: options.url };
}

/** What the browser needs to prove who its user is. Without an operator, any passkey of this console will do. */
export async function requestOptions(
  deps: ConsoleDeps,
  purpose: 'sign_in' | 'verify',
  session?: { readonly hash: string; readonly operatorId: string },
) {
  const challenge = await createChallenge(deps, purpose, { boundTo: session?.hash });
  const own = session && (await listPasskeys(deps.db, session.operatorId));
  return generateAuthenticationOptions({
    rpID: relyingParty(deps).id,
    challenge: Buffer.from(challenge, 'base64url'),
    userVerification: 'required',
    timeout: TIMEOUT_MS,
    ...(own && { allowCredentials: own.map(descriptorOf) }),
  });
}

/** What the browser needs to make a passkey for the operator. @param boundTo the invitation or the session */
export async function creationOptions(deps: ConsoleDeps, operator: Operator, boundTo: string) {
  const challenge = await createChallenge(deps, 'register', { boundTo });
  const own = await listPasskeys(deps.db, operator.id);
  return generateRegistrationOptions({
    rpName: RP_NAME,
    rpID: relyingParty(deps).id,
    userName: operator.name,
    userDisplayName: operator.name,
    userID: Buffer.from(operator.id),
    challenge: Buffer.from(challenge, 'base64url'),
    attestationType: 'none',
    timeout: TIMEOUT_MS,
    excludeCredentials: own.map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

function descriptorOf({ id, transports }: Passkey) {
  return { id, transports: transports as AuthenticatorTransportFuture[] };
}

/** The passkey that signed, and its count of uses. @throws PasskeyRefusal */
export async function verifyAssertion(
  deps: ConsoleDeps,
  json: unknown,
  purpose: 'sign_in' | 'verify',
  boundTo?: string,
): Promise<{ readonly passkey: Passkey; readonly counter: number }> {
  const response = readCredential<AuthenticationResponseJSON>(json);
  const challenge = await takeChallengeOf(deps, response, purpose, boundTo);
  const passkey = await findPasskey(deps.db, response.id);
  if (!passkey) {
    throw new PasskeyRefusal('unknown');
  }
  const { id, origin } = relyingParty(deps);
  const { verified, authenticationInfo } = await orRefuse(
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
      credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: passkey.counter },
    }),
  );
  const { userHandle } = response.response;
  const isOther = userHandle && Buffer.from(userHandle, 'base64url').toString() !== passkey.operatorId;
  if (!verified || isOther) {
    throw new PasskeyRefusal('failed');
  }
  return { passkey, counter: authenticationInfo.newCounter };
}

/** The new passkey of the operator. @throws PasskeyRefusal */
export async function verifyCreation(
  deps: ConsoleDeps,
  json: unknown,
  { operatorId, boundTo, label }: { operatorId: string; boundTo: string; label: string },
): Promise<NewPasskey> {
  const response = readCredential<RegistrationResponseJSON>(json);
  const challenge = await takeChallengeOf(deps, response, 'register', boundTo);
  const { id, origin } = relyingParty(deps);
  const { verified, registrationInfo } = await orRefuse(
    verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
    }),
  );
  if (!verified) {
    throw new PasskeyRefusal('failed');
  }
  const { credential } = registrationInfo;
  return {
    id: credential.id,
    operatorId,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: (credential.transports ?? []).filter((name) => TRANSPORTS.has(name)),
    label,
  };
}

/** The library checks the rest. */
function readCredential<T extends { readonly id: string }>(json: unknown): T {
  const { credential } = (json ?? {}) as { readonly credential?: Partial<RegistrationResponseJSON> };
  const isForm =
    typeof credential?.id === 'string' &&
    credential.id.length <= MAX_ID &&
    /^[A-Za-z0-9_-]+$/.test(credential.id) &&
    typeof credential.response?.clientDataJSON === 'string';
  if (!isForm) {
    throw new PasskeyRefusal('failed');
  }
  return credential as unknown as T;
}

/** Uses up the challenge that the browser signed, so that its response counts once, whether it is valid or not. */
async function takeChallengeOf(
  deps: ConsoleDeps,
  { response }: Pick<AuthenticationResponseJSON | RegistrationResponseJSON, 'response'>,
  purpose: ChallengePurpose,
  boundTo: string | undefined,
): Promise<string> {
  const challenge = readChallenge(response.clientDataJSON);
  if (challenge === undefined || !(await useChallenge(deps, purpose, challenge, boundTo))) {
    throw new PasskeyRefusal('expired');
  }
  return challenge;
}

function readChallenge(clientData: string): string | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(clientData, 'base64url').toString()) as { challenge?: unknown };
    return typeof parsed.challenge === 'string' ? parsed.challenge : undefined;
  } catch {
    return undefined;
  }
}

/** The library throws for what does not match or cannot be read. */
async function orRefuse<T>(verification: Promise<T>): Promise<T> {
  try {
    return await verification;
  } catch (error) {
    throw new PasskeyRefusal('failed', error);
  }
}
