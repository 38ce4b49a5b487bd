/**
 * The check value that detects a wrong encryption key at start-up: the key of the fingerprints, sealed.
 */
import { type Db, execute, query } from '../db/query.ts';

/** Undefined before the first start. */
export async function findEncryptionCheck(db: Db): Promise<Buffer | undefined> {
  const [row] = await query<{ fingerprint_key: Buffer }>(db, 'select fingerprint_key from encryption_check');
  return row?.fingerprint_key;
}

/** Does nothing if there is a value already: the first process to start wins. */
export async function insertEncryptionCheck(db: Db, sealed: Buffer): Promise<void> {
  await execute(
    db,
    'insert into encryption_check (fingerprint_key) values (:sealed) on conflict do nothing',
    {
      sealed,
    },
  );
}

/** Stores the value, and replaces any earlier one. */
export async function upsertEncryptionCheck(db: Db, sealed: Buffer): Promise<void> {
  await execute(
    db,
    `insert into encryption_check (fingerprint_key) values (:sealed)
     on conflict (is_only) do update set fingerprint_key = excluded.fingerprint_key, updated_at = now()`,
    { sealed },
  );
}

/** Replaces the value if it is still `was`. */
export async function replaceEncryptionCheck(db: Db, was: Buffer, sealed: Buffer): Promise<void> {
  await execute(
    db,
    'update encryption_check set fingerprint_key = :sealed, updated_at = now() where fingerprint_key = :was',
    { was, sealed },
  );
}
