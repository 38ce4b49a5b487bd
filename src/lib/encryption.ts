/**
 * Encryption at rest, for provider credentials and stored responses. One key seals; it and earlier keys open. A sealed
 * value is version, id of its key, nonce, tag and ciphertext in one buffer, and opens only in the row it was sealed for.
 * Not for passwords or tokens, which are hashed.
 */
import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { createXaes, NONCE_BYTES, type Xaes } from './encryption/xaes.ts';
import { drawBytes } from './random.ts';

const VERSION = 2;
/** Of version 0.1.0: without key id, and bound to no more than a context. */
const FORMER_VERSION = 1;
const FORMER_NONCE_BYTES = 12;
const FORMER_TAG_BYTES = 16;
const KEY_ID_BYTES = 8;
/** Version and key id, the same in all values that one key seals. */
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** Where a sealed value is stored. It opens nowhere else. */
export interface SealedPlace {
  /** The table and its column. */
  readonly column: string;
  /** The primary key of the row. */
  readonly row: readonly string[];
  /** What a value of the former version was bound to here. */
  readonly formerContext: string;
}

export interface Crypt {
  /** Encrypts under the current key. Two calls return different bytes for the same text. */
  seal(text: string, place: SealedPlace): Buffer;
  /**
   * Decrypts what any of the keys sealed.
   * @throws when it was altered, moved from another place, or sealed under another key
   */
  open(sealed: Buffer, place: SealedPlace): string;
  /** The first bytes of every value that the current key seals. */
  readonly header: Buffer;
  /** A keyed digest: equal texts have equal digests, which reveal nothing to anyone without the key. */
  fingerprint(text: string): Buffer;
}

/** A key as it opens and seals. */
interface Key {
  readonly header: Buffer;
  readonly xaes: Xaes;
  /** For values of the former version. */
  readonly formerKey: Buffer;
}

/**
 * @param current seals and opens; 32 bytes
 * @param old only open
 * @param fingerprintKey stays the same when the encryption key is rotated, so that fingerprints stay comparable
 */
export function createCrypt(
  current: Buffer,
  old: readonly Buffer[] = [],
  fingerprintKey = fingerprintKeyOf(current),
): Crypt {
  const sealing = deriveKeys(current);
  const keys = [sealing, ...old.map(deriveKeys)];
  return {
    seal(text, place) {
      const nonce = drawBytes(NONCE_BYTES);
      return Buffer.concat([
        sealing.header,
        nonce,
        sealing.xaes.encrypt(nonce, Buffer.from(text), bindingOf(place)),
      ]);
    },
    open: (sealed, place) => openWith(keys, sealed, place),
    header: sealing.header,
    fingerprint: (text) => createHmac('sha256', fingerprintKey).update(text).digest(),
  };
}

/** Which of the keys opens a value; undefined when none does. */
export function findKeyOf(
  keys: readonly Buffer[],
  sealed: Buffer,
  place: SealedPlace,
): { readonly key: Buffer; readonly text: string } | undefined {
  for (const key of keys) {
    try {
      return { key, text: openWith([deriveKeys(key)], sealed, place) };
    } catch {
      // Sealed under another key.
    }
  }
  return undefined;
}

/** The key of fingerprints that goes with an encryption key, for a database that has none yet. */
export function fingerprintKeyOf(key: Buffer): Buffer {
  return deriveKey(key, 'fingerprint');
}

function openWith(keys: readonly Key[], sealed: Buffer, place: SealedPlace): string {
  if (sealed[0] === FORMER_VERSION) {
    return openFormer(keys, sealed, place.formerContext);
  }
  if (sealed[0] !== VERSION) {
    throw new Error('a sealed value has an unknown version');
  }
  const key = keys.find(({ header }) => header.equals(sealed.subarray(0, HEADER_BYTES)));
  if (!key) {
    throw new Error('a sealed value was sealed under a key that is not configured');
  }
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const rest = sealed.subarray(HEADER_BYTES + NONCE_BYTES);
  return key.xaes.decrypt(nonce, rest, bindingOf(place)).toString('utf8');
}

/** @throws what the last key throws when none opens the value */
function openFormer(keys: readonly Key[], sealed: Buffer, context: string): string {
  const nonce = sealed.subarray(1, 1 + FORMER_NONCE_BYTES);
  const tag = sealed.subarray(1 + FORMER_NONCE_BYTES, 1 + FORMER_NONCE_BYTES + FORMER_TAG_BYTES);
  const ciphertext = sealed.subarray(1 + FORMER_NONCE_BYTES + FORMER_TAG_BYTES);
  let failure: unknown;
  for (const { formerKey } of keys) {
    const options = { authTagLength: FORMER_TAG_BYTES };
    const decipher = createDecipheriv('aes-256-gcm', formerKey, nonce, options);
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function bindingOf({ column, row }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([column, ...row]));
}

function deriveKeys(key: Buffer): Key {
  if (key.length !== 32) {
    throw new Error('an encryption key must have 32 bytes');
  }
  return {
    header: Buffer.concat([Buffer.from([VERSION]), deriveKey(key, 'key id', KEY_ID_BYTES)]),
    xaes: createXaes(deriveKey(key, 'seal in place')),
    formerKey: deriveKey(key, 'seal'),
  };
}

function deriveKey(key: Buffer, purpose: string, bytes = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `mpac-pgw ${purpose}`, bytes));
}
