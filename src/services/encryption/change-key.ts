/**
 * Puts the stored values under another encryption key, or accepts a new key after the earlier one was lost.
 */
import type { ActContext, ActType } from '../../domain/audit/act.ts';
import { createCrypt } from '../../lib/encryption.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { recordAct } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';
import { acceptKey, type EncryptionKeys } from './open-crypt.ts';
import { type Rotation, rotateEncryption } from './rotate.ts';

/** Recorded before it begins, because it works in many transactions. */
export async function rotateEncryptionKey(
  deps: Pick<ServiceDeps, 'db' | 'clock' | 'crypt'>,
  by: ActContext,
): Promise<Rotation> {
  await inTransaction(deps.db, (trx) => record(deps, trx, by, 'encryption.rotated', deps.crypt.header));
  return rotateEncryption(deps.db, deps.crypt);
}

export async function acceptEncryptionKey(
  deps: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  keys: EncryptionKeys,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    await acceptKey(trx, keys);
    await record(deps, trx, by, 'encryption.key_accepted', createCrypt(keys.current).header);
  });
}

/** @param header has the key's id, which reveals nothing of the key */
function record(
  deps: Pick<ServiceDeps, 'clock'>,
  trx: Db,
  by: ActContext,
  type: ActType,
  header: Buffer,
): Promise<void> {
  const objectId = header.subarray(1).toString('hex');
  return recordAct(deps, trx, { ...by, type, objectType: 'encryption_key', objectId });
}
