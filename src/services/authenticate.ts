/**
 * Authenticates callers by API key and signature, or by payment_token. Refusals name a reason, never an expected value.
 */
import { timingSafeEqual } from 'node:crypto';
import { DomainError, type ErrorDetails } from '../domain/errors.ts';
import { isTerminal, type Payment, type PaymentIntent } from '../domain/payment.ts';
import { sha256 } from '../lib/hash.ts';
import { isId } from '../lib/ids.ts';
import { createAddressMatcher } from '../lib/net/address-ranges.ts';
import { SCHEME, type Signable, sign } from '../lib/signing.ts';
import { type ApiKey, findApiKey, hasExpired, type Scope } from '../store/api-keys.ts';
import { findTokenHolder } from '../store/payments.ts';
import type { ServiceDeps } from './deps.ts';

export const TIMESTAMP_WINDOW_SECONDS = 300;
/** How long a payment_token remains valid after its intent has ended. */
const TOKEN_OUTLIVES_INTENT_MS = 24 * 3_600_000;
const AUTHORIZATION = new RegExp(`^${SCHEME} ([A-Za-z0-9_-]{1,128}):(\\d{1,12}):([0-9a-fA-F]{64})$`);

export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  readonly body: Buffer;
}

/** The key that a request claims to be signed with, before its body has been read. */
export interface Signer {
  readonly key: ApiKey;
  readonly timestamp: string;
  readonly signature: string;
  /** Why a request with this key is refused, however it is signed. */
  readonly refusal: KeyRefusal | undefined;
}

/**
 * Checks the Authorization header (API reference, "HMAC-SHA256"): its form, the key, the scope and the time. The
 * signature is checked later, by {@link requireSignature}.
 *
 * That the key has expired, or may not be used from this address, is found out here but said only when the signature is
 * right: the name of a key is no secret, and a stranger who knows it could otherwise find out from where it may be used.
 * @param clientAddress where the request comes from
 * @throws unauthorized with `details.reason`, forbidden when the key lacks the scope
 */
export async function identifySigner(
  deps: ServiceDeps,
  authorization: string,
  scope: Scope | 'none',
  clientAddress: string | undefined,
): Promise<Signer> {
  const parsed = parseAuthorization(authorization);
  if (!parsed) {
    const form = `${SCHEME} <api_key>:<timestamp>:<signature>`;
    throw unauthorized('malformed_authorization', `The Authorization header must have the form ${form}`);
  }
  const { apiKey, timestamp, signature } = parsed;
  const now = deps.wallClock.now();
  const key = isPublic(apiKey) && !deps.isSandbox ? undefined : await findApiKey(deps.db, apiKey);
  if (!key || key.revokedAt !== undefined) {
    throw unknownKey();
  }
  requireScope(key, scope);
  const gatewayTimestamp = Math.floor(now.getTime() / 1000);
  if (Math.abs(gatewayTimestamp - Number(timestamp)) > TIMESTAMP_WINDOW_SECONDS) {
    const message = "The timestamp is more than 5 minutes from the gateway's clock";
    throw unauthorized('timestamp_out_of_window', message, { gateway_timestamp: gatewayTimestamp });
  }
  return { key, timestamp, signature, refusal: refusalOf(key, clientAddress, now) };
}

/**
 * Checks the signature over the whole request, and then whether the key may be used at all.
 * @throws unauthorized with `details.reason`
 */
export function requireSignature(signer: Signer, request: SignedRequest): void {
  const { refusal } = signer;
  if (!isSignedWith(signer, request)) {
    // What somebody without the secret learns does not depend on the address; an expired key does not work for them either.
    throw refusal?.reason === 'key_expired'
      ? unknownKey()
      : unauthorized('signature_mismatch', 'The signature does not match the request');
  }
  if (refusal) {
    throw unauthorized(refusal.reason, refusal.message, refusal.details);
  }
}

interface KeyRefusal {
  readonly reason: 'key_expired' | 'address_not_allowed';
  readonly message: string;
  readonly details: ErrorDetails;
}

function refusalOf(key: ApiKey, clientAddress: string | undefined, now: Date): KeyRefusal | undefined {
  if (hasExpired(key, now)) {
    const expiredAt = key.expiresAt?.toISOString() ?? '';
    const message = `The API key expired at ${expiredAt}; ask the operator of the gateway for another`;
    return { reason: 'key_expired', message, details: { expired_at: expiredAt } };
  }
  if (key.allowedIps !== undefined && !createAddressMatcher(key.allowedIps)(clientAddress)) {
    const message = `The API key may not be used from the address ${clientAddress}`;
    return { reason: 'address_not_allowed', message, details: { client_address: clientAddress ?? '' } };
  }
  return undefined;
}

/** The refusal of a request without any credential. */
export function missingAuthorization(): DomainError {
  return unauthorized('missing_authorization', 'The Authorization header is missing');
}

/** The parts of an Authorization header; undefined when it has another form. */
export function parseAuthorization(
  header: string,
): { apiKey: string; timestamp: string; signature: string } | undefined {
  const [, apiKey, timestamp, signature] = AUTHORIZATION.exec(header.trim()) ?? [];
  if (apiKey === undefined || timestamp === undefined || signature === undefined) {
    return undefined;
  }
  return { apiKey, timestamp, signature };
}

/** Compared with if there is no intent, so that the check takes as long. No known token has this hash. */
const NO_TOKEN_HASH = Buffer.alloc(32);

/**
 * Checks the payment_token of an intent. A wrong token and an id that does not exist are refused with the same response
 * after the same time, because ids can be guessed: those created in one millisecond are consecutive.
 * @returns the payment, which was read for the check
 * @throws invalid_token when the token is not that of an intent with this id, or has expired
 */
export async function authenticatePaymentToken(
  deps: ServiceDeps,
  intentId: string,
  paymentToken: string,
): Promise<Payment> {
  // A malformed id is not looked up: it may contain characters that PostgreSQL refuses, and its form is no secret.
  const holder = isId('pi', intentId) ? await findTokenHolder(deps.db, intentId) : undefined;
  const isRight = timingSafeEqual(sha256(paymentToken), holder?.paymentTokenHash ?? NO_TOKEN_HASH);
  if (!holder || !isRight) {
    throw new DomainError('invalid_token', 'The payment_token is not valid for this PaymentIntent');
  }
  const endedAt = endOf(holder.payment.intent);
  if (endedAt && deps.clock.now().getTime() - endedAt.getTime() > TOKEN_OUTLIVES_INTENT_MS) {
    throw new DomainError(
      'invalid_token',
      'The payment_token has ended, 24 hours after the PaymentIntent did',
    );
  }
  return holder.payment;
}

/** When the intent ended; for a late success, the later of its two ends. */
function endOf(intent: PaymentIntent): Date | undefined {
  if (!isTerminal(intent)) {
    return undefined;
  }
  const ends = [intent.succeededAt, intent.cancelledAt, intent.expiredAt].filter((end) => end !== undefined);
  return new Date(Math.max(...ends.map((end) => end.getTime())));
}

/** @throws forbidden when the key lacks the scope */
function requireScope(key: ApiKey, scope: Scope | 'none'): void {
  if (scope !== 'none' && key.scopes.includes(scope)) {
    return;
  }
  throw new DomainError('forbidden', `This operation needs an API key with the scope ${scope}`, {
    details: { required_scope: scope },
  });
}

/** The signature covers the path, or path and query exactly as sent. */
function isSignedWith({ key, timestamp, signature }: Signer, request: SignedRequest): boolean {
  const [path = ''] = request.target.split('?', 1);
  const given = Buffer.from(signature, 'hex');
  const targets = path === request.target ? [path] : [path, request.target];
  return targets
    .map((target): Signable => ({ method: request.method, path: target, timestamp, body: request.body }))
    .map((signable) => timingSafeEqual(given, Buffer.from(sign(key.secretKeyHash, signable), 'hex')))
    .includes(true);
}

/**
 * Keys whose secrets are public: the documentation shows them for sandboxes (`pgw sandbox --with-gateway`). A database
 * that was once a sandbox's still contains them, so they are refused where money is real. Generated keys have no `_`
 * after `ak_`.
 */
function isPublic(apiKey: string): boolean {
  return apiKey.startsWith('ak_sandbox_');
}

function unknownKey(): DomainError {
  return unauthorized('unknown_key', 'The API key is not known or no longer works');
}

function unauthorized(reason: string, message: string, more: ErrorDetails = {}): DomainError {
  return new DomainError('unauthorized', message, { details: { reason, ...more } });
}
