/**
 * Sets up encryption for a database, and detects a wrong key before it can do harm: the check value in the database opens
 * only with the right key.
 */
import { type Crypt, createCrypt, findKeyOf, fingerprintKeyOf } from '../../lib/encryption.ts';
import type { Db } from '../../store/db/query.ts';
import {
  findEncryptionCheck,
  insertEncryptionCheck,
  upsertEncryptionCheck,
} from '../../store/encryption/check.ts';
import { CREDENTIALS, findNewestSealed, STORED_RESPONSES } from '../../store/encryption/sealed-values.ts';
import { CHECK_PLACE, credentialsPlace, responsePlaceOf } from './places.ts';

export interface EncryptionKeys {
  /** Seals and opens. */
  readonly current: Buffer;
  /** Only open. */
  readonly old: readonly Buffer[];
}

/**
 * Returns the encryption of the database; on the first start it also stores the check value.
 * @returns undefined when none of the keys is the one that this database was sealed with
 */
export async function openCrypt(db: Db, keys: EncryptionKeys): Promise<Crypt | undefined> {
  const { current, old } = keys;
  const check = (await findEncryptionCheck(db)) ?? (await createCheck(db, keys));
  const opened = check && findKeyOf([current, ...old], check, CHECK_PLACE);
  return opened && createCrypt(current, old, Buffer.from(opened.text, 'base64'));
}

/**
 * Makes the current key the key of this database, after the earlier key was lost. Values sealed under the lost key remain
 * unreadable.
 */
export async function acceptKey(db: Db, { current }: EncryptionKeys): Promise<void> {
  const text = fingerprintKeyOf(current).toString('base64');
  await upsertEncryptionCheck(db, createCrypt(current).seal(text, CHECK_PLACE));
}

/** Stores the check value on the first start, with the fingerprint key that existing fingerprints were made with. */
async function createCheck(db: Db, keys: EncryptionKeys): Promise<Buffer | undefined> {
  const used = await findKeyInUse(db, keys);
  if (!used) {
    return undefined;
  }
  const text = fingerprintKeyOf(used).toString('base64');
  await insertEncryptionCheck(db, createCrypt(keys.current).seal(text, CHECK_PLACE));
  // Read again, because another process may have stored its own first.
  return findEncryptionCheck(db);
}

/** The key that sealed the values of an earlier version; the current key if nothing is sealed yet. */
async function findKeyInUse(db: Db, { current, old }: EncryptionKeys): Promise<Buffer | undefined> {
  const credentials = await findNewestSealed(db, CREDENTIALS);
  if (credentials) {
    return findKeyOf([current, ...old], credentials.sealed, credentialsPlace(credentials.key))?.key;
  }
  const response = await findNewestSealed(db, STORED_RESPONSES);
  if (response) {
    return findKeyOf([current, ...old], response.sealed, responsePlaceOf(response.key))?.key;
  }
  return current;
}
