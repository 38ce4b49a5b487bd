/**
 * The services for `pgw encryption`: the encryption keys, on the same database as the server.
 */
import type { Config } from '../config.ts';
import { loadEncryptionKeys, openEncryption } from '../deps.ts';
import { acceptKey, openCrypt } from '../services/encryption/open-crypt.ts';
import { type Rotation, rotateEncryption } from '../services/encryption/rotate.ts';
import { withDatabase } from './database.ts';

/** @throws ConfigError when the database was sealed with another key */
export function rotate(config: Config): Promise<Rotation> {
  return withDatabase(config, async (db) => {
    const crypt = await openEncryption(db, await loadEncryptionKeys(config));
    return rotateEncryption(db, crypt);
  });
}

/** Accepts a new key after the loss of the earlier one; false when nothing was lost. */
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
