/**
 * The text over which the hash of an audit row is made. A change of this text would make every earlier row look changed.
 */
import type { Act, Json } from './act.ts';

/** The previous hash of the first row. */
export const FIRST_HASH = '0'.repeat(64);

/** What a hash covers: all of the row but the hash itself. `before` and `after` are the stored JSON. */
export type HashedRow = Omit<Act, 'before' | 'after'> & {
  readonly position: number;
  readonly createdAt: Date;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly previousHash: string;
};

/** A JSON array, so that no value of one field can be taken for the end of it and the beginning of the next. */
export function hashedText(row: HashedRow): string {
  return JSON.stringify([
    row.position,
    row.createdAt.toISOString(),
    row.actor.kind,
    row.actor.id,
    row.type,
    row.objectType,
    row.objectId,
    row.merchantId ?? null,
    row.storeId ?? null,
    row.reason ?? null,
    row.clientAddress ?? null,
    row.requestId ?? null,
    row.before ?? null,
    row.after ?? null,
    row.previousHash,
  ]);
}

/** JSON whose names are sorted at every level, so that equal values have equal texts. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
