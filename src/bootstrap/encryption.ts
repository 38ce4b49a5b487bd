/**
 * What `pgw encryption` runs: the encryption services on the configured database and keys.
 */
import type { Config } from '../config.ts';
import { loadEncryptionKeys, openEncryption } from '../deps.ts';
import type { ActContext } from '../domain/audit/act.ts';
import { acceptEncryptionKey, rotateEncryptionKey } from '../services/encryption/change-key.ts';
import { openCrypt } from '../services/encryption/open-crypt.ts';
import type { Rotation } from '../services/encryption/rotate.ts';
import { openClock, withDatabase } from './database.ts';

/**
 * Seals all stored values again under the current key.
 * @throws ConfigError when none of the configured keys opens the database
 */
export function rotate(config: Config, by: ActContext): Promise<Rotation> {
  return withDatabase(config, async (db) => {
    const crypt = await openEncryption(db, await loadEncryptionKeys(config));
    return rotateEncryptionKey({ db, crypt, clock: await openClock(db) }, by);
  });
}

/**
 * Accepts a new key after the earlier one was lost.
 * @returns false when a configured key opens the database, so that nothing needs to change
 */
export function acceptNewKey(config: Config, by: ActContext): Promise<boolean> {
  return withDatabase(config, async (db) => {
    const keys = await loadEncryptionKeys(config);
    if (await openCrypt(db, keys)) {
      return false;
    }
    await acceptEncryptionKey({ db, clock: await openClock(db) }, by, keys);
    return true;
  });
}
