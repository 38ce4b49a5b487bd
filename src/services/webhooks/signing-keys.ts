/**
 * The signing keys of a webhook endpoint: sealed at rest, the newest first. After a rotation the previous keys sign too
 * until they end, so that a receiver can change over.
 */
import { newSigningKey } from '../../lib/webhooks/keys.ts';
import type { ServiceDeps } from '../deps.ts';
import { webhookSecretsPlace } from '../encryption/places.ts';

export interface SigningKey {
  /** `whsec_…` for HMAC, `whsk_…` for Ed25519. */
  readonly key: string;
  /** When it stops signing; undefined for the newest. */
  readonly expiresAt: Date | undefined;
}

/** One key as it is stored. */
interface KeyJson {
  readonly key: string;
  readonly expires_at: string | null;
}

export function sealSigningKeys(
  deps: Pick<ServiceDeps, 'crypt'>,
  endpointId: string,
  keys: readonly SigningKey[],
): Buffer {
  const stored: KeyJson[] = keys.map(({ key, expiresAt }) => ({
    key,
    expires_at: expiresAt?.toISOString() ?? null,
  }));
  return deps.crypt.seal(JSON.stringify(stored), webhookSecretsPlace(endpointId));
}

/** @throws when none of the configured encryption keys opens them */
export function openSigningKeys(
  deps: Pick<ServiceDeps, 'crypt'>,
  endpointId: string,
  sealed: Buffer,
): SigningKey[] {
  const stored = JSON.parse(deps.crypt.open(sealed, webhookSecretsPlace(endpointId))) as KeyJson[];
  return stored.map(({ key, expires_at: expiresAt }) => ({
    key,
    expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
  }));
}

/** The keys that sign at a time, newest first. */
export function workingKeys(keys: readonly SigningKey[], now: Date): string[] {
  return keys.filter(({ expiresAt }) => isWorking(expiresAt, now)).map(({ key }) => key);
}

/** A new key, which signs until it is replaced. */
export function createSigningKey(signature: 'hmac' | 'ed25519'): SigningKey {
  return { key: newSigningKey(signature), expiresAt: undefined };
}

/** Puts a new key first. Each previous key ends with the overlap, or at its own earlier end. */
export function rotatedKeys(
  keys: readonly SigningKey[],
  signature: 'hmac' | 'ed25519',
  now: Date,
  overlapSeconds: number,
): SigningKey[] {
  const overlapEnd = new Date(now.getTime() + overlapSeconds * 1000);
  const previous = keys.map(({ key, expiresAt }) => ({
    key,
    expiresAt: expiresAt && expiresAt < overlapEnd ? expiresAt : overlapEnd,
  }));
  return [createSigningKey(signature), ...previous.filter(({ expiresAt }) => isWorking(expiresAt, now))];
}

/** The end of the overlap: when the last of the previous keys stops signing. */
export function overlapEndOf(keys: readonly SigningKey[], now: Date): Date | undefined {
  const ends = keys.flatMap(({ expiresAt }) => (expiresAt && expiresAt > now ? [expiresAt.getTime()] : []));
  return ends.length === 0 ? undefined : new Date(Math.max(...ends));
}

function isWorking(expiresAt: Date | undefined, now: Date): boolean {
  return expiresAt === undefined || expiresAt > now;
}
