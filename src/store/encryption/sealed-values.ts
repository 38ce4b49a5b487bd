/**
 * The columns that contain sealed values. Their rows are listed in the order of the primary key, and their values replaced,
 * to re-seal them under another key.
 */
import { type Db, execute, query } from '../db/query.ts';

/** A column of sealed values in a table whose primary key has three text columns. */
export interface SealedColumn {
  readonly table: string;
  readonly key: readonly [string, string, string];
  readonly column: string;
  /** The column to order by to find the newest value. */
  readonly newestBy: string;
}

export const CREDENTIALS: SealedColumn = {
  table: 'payment_processor_configs',
  key: ['merchant_id', 'store_id', 'provider'],
  column: 'credentials',
  newestBy: 'updated_at',
};

export const STORED_RESPONSES: SealedColumn = {
  table: 'idempotency_keys',
  key: ['scope', 'operation', 'key'],
  column: 'response_body',
  newestBy: 'expires_at',
};

export type RowKey = readonly [string, string, string];

export interface SealedRow {
  readonly key: RowKey;
  /** Undefined when the row has no value, or one that begins with the given header. */
  readonly sealed: Buffer | undefined;
}

interface Row {
  readonly k1: string;
  readonly k2: string;
  readonly k3: string;
  readonly sealed: Buffer | null;
}

/** Up to `limit` rows after a key, each with its sealed value unless that begins with `header`. */
export async function listSealedRows(
  db: Db,
  { table, key, column }: SealedColumn,
  { after, header, limit }: { after: RowKey | undefined; header: Buffer; limit: number },
): Promise<SealedRow[]> {
  const [k1, k2, k3] = key;
  // No part of a key is empty, so this sorts before every key.
  const [a1, a2, a3] = after ?? ['', '', ''];
  const rows = await query<Row>(
    db,
    `select ${k1} as k1, ${k2} as k2, ${k3} as k3,
            case when substring(${column} for ${header.length}) <> :header then ${column} end as sealed
     from ${table} where (${k1}, ${k2}, ${k3}) > (:a1, :a2, :a3) order by ${k1}, ${k2}, ${k3} limit :limit`,
    { header, a1, a2, a3, limit },
  );
  return rows.map(toSealedRow);
}

/** The newest sealed value; undefined when there is none. */
export async function findNewestSealed(
  db: Db,
  { table, key: [k1, k2, k3], column, newestBy }: SealedColumn,
): Promise<{ readonly key: RowKey; readonly sealed: Buffer } | undefined> {
  const [row] = await query<Row>(
    db,
    `select ${k1} as k1, ${k2} as k2, ${k3} as k3, ${column} as sealed
     from ${table} where ${column} is not null order by ${newestBy} desc limit 1`,
  );
  return row?.sealed ? { key: toSealedRow(row).key, sealed: row.sealed } : undefined;
}

/**
 * Replaces values that have not changed since they were read. Rows that another transaction has locked are skipped, so this
 * neither waits nor overwrites a change.
 * @returns how many were replaced
 */
export function replaceSealed(
  db: Db,
  { table, key: [k1, k2, k3], column }: SealedColumn,
  changes: readonly { readonly key: RowKey; readonly was: Buffer; readonly sealed: Buffer }[],
): Promise<number> {
  const part = (index: 0 | 1 | 2) => changes.map(({ key }) => key[index]);
  return execute(
    db,
    `update ${table} set ${column} = decode(free.sealed, 'base64')
       from (
         select ${k1} as k1, ${k2} as k2, ${k3} as k3, change.sealed
         from unnest(cast(:k1s as text[]), cast(:k2s as text[]), cast(:k3s as text[]), cast(:was as text[]), cast(:sealed as text[]))
           as change (c1, c2, c3, was, sealed)
         join ${table} on (${k1}, ${k2}, ${k3}) = (c1, c2, c3)
         where ${column} = decode(change.was, 'base64')
         for update of ${table} skip locked
       ) as free
       where (${k1}, ${k2}, ${k3}) = (free.k1, free.k2, free.k3)`,
    {
      k1s: part(0),
      k2s: part(1),
      k3s: part(2),
      was: changes.map(({ was }) => was.toString('base64')),
      sealed: changes.map(({ sealed }) => sealed.toString('base64')),
    },
  );
}

function toSealedRow({ k1, k2, k3, sealed }: Row): SealedRow {
  return { key: [k1, k2, k3], sealed: sealed ?? undefined };
}
