/**
 * Encryption at rest, for provider credentials and stored responses. The current key seals; the current and earlier keys
 * open. A sealed value is a buffer of version, key id, nonce, tag and ciphertext, and opens only in the row that it was
 * sealed for. Not for passwords and tokens, which are hashed.
 */
import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { createXaes, NONCE_BYTES, type Xaes } from './encryption/xaes.ts';
import { drawBytes } from './random.ts';

const VERSION = 2;
/** The format of version 0.1.0: no key id, and bound to a context text only. */
const FORMER_VERSION = 1;
const FORMER_NONCE_BYTES = 12;
const FORMER_TAG_BYTES = 16;
const KEY_ID_BYTES = 8;
/** Version and key id: the same for all values sealed under one key. */
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** The place where a sealed value is stored. It opens nowhere else. */
export interface SealedPlace {
  /** Table and column, as `table.column`. */
  readonly column: string;
  /** The primary key of the row. */
  readonly row: readonly string[];
  /** The context that values of the former version were bound to in this place. */
  readonly formerContext: string;
}

export interface Crypt {
  /** Encrypts under the current key. Two calls return different bytes for the same text. */
  seal(text: string, place: SealedPlace): Buffer;
  /**
   * Decrypts a value that any of the keys sealed.
   * @throws when it was altered, moved from another place, or sealed under another key
   */
  open(sealed: Buffer, place: SealedPlace): string;
  /** The first bytes of every value that the current key seals. */
  readonly header: Buffer;
  /** A keyed digest: equal texts have equal digests, which reveal nothing to anyone without the key. */
  fingerprint(text: string): Buffer;
}

/** A key with what is derived from it. */
interface Key {
  readonly header: Buffer;
  readonly xaes: Xaes;
  /** For values of the former version. */
  readonly formerKey: Buffer;
}

/**
 * @param current the key that seals and opens; 32 bytes
 * @param old earlier keys, which only open
 * @param fingerprintKey does not change when the encryption key is rotated, so that fingerprints remain comparable
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

/** Finds the key that opens a value; undefined when none does. */
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

/** Derives the fingerprint key from an encryption key, for a database that has no fingerprint key yet. */
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
    throw new Error('a value was sealed under a key that is not configured');
  }
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const rest = sealed.subarray(HEADER_BYTES + NONCE_BYTES);
  return key.xaes.decrypt(nonce, rest, bindingOf(place)).toString('utf8');
}

/** @throws the error of the last key when none opens the value */
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
