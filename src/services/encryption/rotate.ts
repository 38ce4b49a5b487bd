/**
 * Re-seals all stored values under the current key, in batches and while the gateway is serving. It can be interrupted and
 * run again at any time, because values that are already sealed under the current key are skipped.
 */
import type { Crypt, SealedPlace } from '../../lib/encryption.ts';
import type { Db } from '../../store/db/query.ts';
import { findEncryptionCheck, replaceEncryptionCheck } from '../../store/encryption/check.ts';
import {
  CREDENTIALS,
  listSealedRows,
  type RowKey,
  replaceSealed,
  type SealedColumn,
  STORED_RESPONSES,
  WEBHOOK_SECRETS,
} from '../../store/encryption/sealed-values.ts';
import { CHECK_PLACE, credentialsPlace, responsePlaceOf, webhookSecretsPlaceOf } from './places.ts';

export interface Rotation {
  /** Number of values that were re-sealed under the current key. */
  readonly resealed: number;
  /** Number of values still sealed under an old key, because a process that runs with it keeps writing. */
  readonly remaining: number;
  /** Number of values that none of the keys opens. */
  readonly unreadable: number;
}

const BATCH = 500;
/** The second pass finds what was written during the first; more are needed only while processes seal with an old key. */
const MAX_PASSES = 5;
const COLUMNS = [
  { column: CREDENTIALS, placeOf: credentialsPlace },
  { column: STORED_RESPONSES, placeOf: responsePlaceOf },
  { column: WEBHOOK_SECRETS, placeOf: webhookSecretsPlaceOf },
] as const;

export async function rotateEncryption(db: Db, crypt: Crypt): Promise<Rotation> {
  let resealed = 0;
  for (let pass = 1; ; pass += 1) {
    const found = await resealAll(db, crypt);
    resealed += found.resealed;
    const remaining = found.stale - found.resealed - found.unreadable;
    if (found.stale === found.unreadable || pass === MAX_PASSES) {
      // Done last, so that a node with only the old key can still start while values are sealed under that key.
      await resealCheck(db, crypt);
      return { resealed, remaining, unreadable: found.unreadable };
    }
  }
}

type PlaceOf = (key: RowKey) => SealedPlace;

/** The result of one pass: values not sealed under the current key, and how many of them were or could not be re-sealed. */
interface Found {
  readonly stale: number;
  readonly resealed: number;
  readonly unreadable: number;
}

async function resealAll(db: Db, crypt: Crypt): Promise<Found> {
  let all: Found = { stale: 0, resealed: 0, unreadable: 0 };
  for (const { column, placeOf } of COLUMNS) {
    let after: RowKey | undefined;
    do {
      const rows = await listSealedRows(db, column, { after, header: crypt.header, limit: BATCH });
      const stale = rows.flatMap(({ key, sealed }) => (sealed ? [{ key, was: sealed }] : []));
      const found = await resealBatch(db, crypt, column, placeOf, stale);
      all = {
        stale: all.stale + stale.length,
        resealed: all.resealed + found.resealed,
        unreadable: all.unreadable + found.unreadable,
      };
      after = rows.at(-1)?.key;
    } while (after);
  }
  return all;
}

async function resealBatch(
  db: Db,
  crypt: Crypt,
  column: SealedColumn,
  placeOf: PlaceOf,
  stale: readonly { readonly key: RowKey; readonly was: Buffer }[],
): Promise<Pick<Found, 'resealed' | 'unreadable'>> {
  const changes = stale.flatMap(({ key, was }) => {
    const sealed = reseal(crypt, was, placeOf(key));
    return sealed ? [{ key, was, sealed }] : [];
  });
  const resealed = changes.length > 0 ? await replaceSealed(db, column, changes) : 0;
  return { resealed, unreadable: stale.length - changes.length };
}

/** @returns undefined when none of the keys opens the value */
function reseal(crypt: Crypt, was: Buffer, place: SealedPlace): Buffer | undefined {
  try {
    return crypt.seal(crypt.open(was, place), place);
  } catch {
    return undefined;
  }
}

async function resealCheck(db: Db, crypt: Crypt): Promise<void> {
  const was = await findEncryptionCheck(db);
  if (was && !was.subarray(0, crypt.header.length).equals(crypt.header)) {
    await replaceEncryptionCheck(db, was, crypt.seal(crypt.open(was, CHECK_PLACE), CHECK_PLACE));
  }
}
