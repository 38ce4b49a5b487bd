/**
 * What `pgw encryption` runs: the encryption services on the configured database and keys.
 */
import type { Config } from '../config.ts';
import { loadEncryptionKeys, openEncryption } from '../deps.ts';
import { acceptKey, openCrypt } from '../services/encryption/open-crypt.ts';
import { type Rotation, rotateEncryption } from '../services/encryption/rotate.ts';
import { withDatabase } from './database.ts';

/**
 * Seals all stored values again under the current key.
 * @throws ConfigError when none of the configured keys opens the database
 */
export function rotate(config: Config): Promise<Rotation> {
  return withDatabase(config, async (db) => {
    const crypt = await openEncryption(db, await loadEncryptionKeys(config));
    return rotateEncryption(db, crypt);
  });
}

/**
 * Accepts a new key after the earlier one was lost.
 * @returns false when a configured key opens the database, so that nothing needs to change
 */
export function acceptNewKey(config: Config): Promise<boolean> {
  return withDatabase(config, async (db) => {
    const keys = await loadEncryptionKeys(config);
    if (await openCrypt(db, keys)) {
      return false;
    }
    await acceptKey(db, keys);
    return true;
  });
}
