/**
 * Checks that a webhook comes from the gateway, with the Web Crypto API, so that it runs in Node, browsers and at the edge.
 * Deliberately independent of the server's code: published test vectors verify both.
 */
import type { components } from '../../generated/openapi.d.ts';
import { systemClock } from '../lib/clock.ts';
import { PgwWebhookError } from './errors.ts';

type Event = components['schemas']['Event'];

/** The headers of a request: of fetch, or of Node, whose values may be lists. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** How far the time of the webhook may be from now; 300 by default. */
  readonly toleranceSeconds?: number;
  /** Replaces the system clock: for tests. */
  readonly now?: Date;
}

const TOLERANCE_SECONDS = 300;
/** More than the gateway sends during rotations; a header with more is not its own. */
const MAX_SIGNATURES = 32;
const utf8 = new TextEncoder();

/** How a key of each kind verifies, and the version of the signatures that it verifies. */
const KINDS = {
  whsec_: { version: 'v1', algorithm: { name: 'HMAC', hash: 'SHA-256' } },
  whpk_: { version: 'v1a', algorithm: { name: 'Ed25519' } },
} as const;

/**
 * Returns the event of a webhook after checking its signature and its time.
 * @param rawBody exactly as received: parsing and printing JSON again changes it
 * @param secrets the `whsec_…` of the endpoint or its public key `whpk_…`; several while one is being replaced
 * @throws PgwWebhookError when the webhook must be refused; TypeError when a secret is malformed
 */
export async function verifyWebhook(
  rawBody: string | Uint8Array<ArrayBuffer> | ArrayBuffer,
  headers: WebhookHeaders,
  secrets: string | readonly string[],
  { toleranceSeconds = TOLERANCE_SECONDS, now = systemClock.now() }: VerifyOptions = {},
): Promise<Event> {
  const keys = await Promise.all((typeof secrets === 'string' ? [secrets] : secrets).map(importKey));
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = signaturesOf(headerOf(headers, 'webhook-signature'));
  requireRecent(timestamp, toleranceSeconds, now);
  const body = typeof rawBody === 'string' ? utf8.encode(rawBody) : new Uint8Array(rawBody);
  const message = await new Blob([`${id}.${timestamp}.`, body]).arrayBuffer();
  const isSigned = await matches(keys, signatures, message);
  if (!isSigned) {
    throw new PgwWebhookError('no_matching_signature', 'No signature of the webhook matches a secret');
  }
  return toEvent(body);
}

interface Key {
  readonly version: string;
  readonly algorithm: (typeof KINDS)[keyof typeof KINDS]['algorithm'];
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
}

interface Signature {
  readonly version: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function importKey(secret: string): Promise<Key> {
  const prefix = secret.startsWith('whsec_') ? 'whsec_' : 'whpk_';
  const bytes = secret.startsWith(prefix) ? fromBase64(secret.slice(prefix.length)) : undefined;
  if (!bytes || bytes.length === 0) {
    // Without the secret, because errors are logged.
    throw new TypeError('A webhook secret is whsec_… or whpk_…, with base64 after the prefix');
  }
  const { version, algorithm } = KINDS[prefix];
  return {
    version,
    algorithm,
    key: await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']),
  };
}

/** Whether any signature is of any key. Web Crypto compares in constant time. */
async function matches(
  keys: readonly Key[],
  signatures: readonly Signature[],
  message: ArrayBuffer,
): Promise<boolean> {
  for (const { version, algorithm, key } of keys) {
    for (const signature of signatures.filter((one) => one.version === version)) {
      if (await crypto.subtle.verify(algorithm, key, signature.bytes, message)) {
        return true;
      }
    }
  }
  return false;
}

/** @throws PgwWebhookError when the header is absent */
function headerOf(headers: WebhookHeaders, name: string): string {
  const value =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const text = typeof value === 'object' && value !== null ? value.join(' ') : value;
  if (!text) {
    throw new PgwWebhookError('missing_header', `The webhook has no header ${name}`);
  }
  return text;
}

/** The well-formed signatures. Those of unknown versions match no key, so they are ignored. */
function signaturesOf(header: string): Signature[] {
  const signatures = header
    .split(' ', MAX_SIGNATURES)
    .map((entry) => /^(v\w+),([\w+/]+={0,2})$/.exec(entry))
    .map((match) => ({ version: match?.[1] ?? '', bytes: fromBase64(match?.[2] ?? '') }))
    .filter((signature): signature is Signature => signature.version !== '' && signature.bytes !== undefined);
  if (signatures.length === 0) {
    throw new PgwWebhookError('malformed_header', 'The header webhook-signature contains no signature');
  }
  return signatures;
}

function requireRecent(timestamp: string, toleranceSeconds: number, now: Date): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new PgwWebhookError('malformed_header', 'The header webhook-timestamp is not a number of seconds');
  }
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > toleranceSeconds) {
    throw new PgwWebhookError(
      'timestamp_out_of_tolerance',
      `The time of the webhook is more than ${toleranceSeconds} seconds from now: someone may be replaying it, or a clock is wrong`,
    );
  }
}

function toEvent(body: Uint8Array<ArrayBuffer>): Event {
  const event = parse(body);
  if (typeof event !== 'object' || event === null || !('id' in event && 'type' in event && 'data' in event)) {
    throw new PgwWebhookError('malformed_body', 'The body of the webhook is not an event');
  }
  return event as Event;
}

function parse(body: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
