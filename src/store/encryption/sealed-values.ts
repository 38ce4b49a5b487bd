/**
 * The columns that contain sealed values. Their rows are listed in the order of the primary key, and their values replaced,
 * to re-seal them under another key.
 */
import { type Db, execute, query } from '../db/query.ts';

/** A column of sealed values in a table whose primary key has only text columns. */
export interface SealedColumn {
  readonly table: string;
  readonly key: readonly string[];
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

export const WEBHOOK_SECRETS: SealedColumn = {
  table: 'webhook_endpoints',
  key: ['id'],
  column: 'secrets',
  newestBy: 'updated_at',
};

/** The values of the columns of the primary key, in their order. */
export type RowKey = readonly string[];

export interface SealedRow {
  readonly key: RowKey;
  /** Undefined when the row has no value, or one that begins with the given header. */
  readonly sealed: Buffer | undefined;
}

interface Row {
  readonly key: string[];
  readonly sealed: Buffer | null;
}

/** Up to `limit` rows after a key, each with its sealed value unless that begins with `header`. */
export async function listSealedRows(
  db: Db,
  { table, key, column }: SealedColumn,
  { after, header, limit }: { after: RowKey | undefined; header: Buffer; limit: number },
): Promise<SealedRow[]> {
  const columns = key.join(', ');
  const names = key.map((_, index) => `:after${index}`);
  // No part of a key is empty, so this sorts before every key.
  const bindings = Object.fromEntries(key.map((_, index) => [`after${index}`, after?.[index] ?? '']));
  const rows = await query<Row>(
    db,
    `select array[${columns}] as key,
            case when substring(${column} for ${header.length}) <> :header then ${column} end as sealed
     from ${table} where (${columns}) > (${names.join(', ')}) order by ${columns} limit :limit`,
    { header, limit, ...bindings },
  );
  return rows.map(toSealedRow);
}

/** The newest sealed value; undefined when there is none. */
export async function findNewestSealed(
  db: Db,
  { table, key, column, newestBy }: SealedColumn,
): Promise<{ readonly key: RowKey; readonly sealed: Buffer } | undefined> {
  const [row] = await query<Row>(
    db,
    `select array[${key.join(', ')}] as key, ${column} as sealed
     from ${table} where ${column} is not null order by ${newestBy} desc limit 1`,
  );
  return row?.sealed ? { key: row.key, sealed: row.sealed } : undefined;
}

/**
 * Replaces values that have not changed since they were read. Rows that another transaction has locked are skipped, so this
 * neither waits nor overwrites a change.
 * @returns how many were replaced
 */
export function replaceSealed(
  db: Db,
  { table, key, column }: SealedColumn,
  changes: readonly { readonly key: RowKey; readonly was: Buffer; readonly sealed: Buffer }[],
): Promise<number> {
  const parts = key.map((_, index) => `k${index}`);
  const arrays = parts.map((part) => `cast(:${part} as text[])`);
  const aliased = key.map((name, index) => `${name} as ${parts[index]}`);
  return execute(
    db,
    `update ${table} set ${column} = decode(free.sealed, 'base64')
       from (
         select ${aliased.join(', ')}, change.sealed
         from unnest(${arrays.join(', ')}, cast(:was as text[]), cast(:sealed as text[]))
           as change (${parts.map((part) => `c${part}`).join(', ')}, was, sealed)
         join ${table} on (${key.join(', ')}) = (${parts.map((part) => `c${part}`).join(', ')})
         where ${column} = decode(change.was, 'base64')
         for update of ${table} skip locked
       ) as free
       where (${key.join(', ')}) = (${parts.map((part) => `free.${part}`).join(', ')})`,
    {
      ...Object.fromEntries(parts.map((part, index) => [part, changes.map((change) => change.key[index])])),
      was: changes.map(({ was }) => was.toString('base64')),
      sealed: changes.map(({ sealed }) => sealed.toString('base64')),
    },
  );
}

function toSealedRow({ key, sealed }: Row): SealedRow {
  return { key, sealed: sealed ?? undefined };
}
