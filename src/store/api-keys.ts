/**
 * API keys. Only the hash of a secret key is stored, so a lost secret can only be replaced.
 */
import { batchedRead } from './db/batches.ts';
import { type Db, execute, query, queryPrepared } from './db/query.ts';

export type Scope = 'payments' | 'refunds' | 'refunds:cash' | 'events' | 'sync';

export interface ApiKey {
  readonly apiKey: string;
  /** Set for the key of a merchant. */
  readonly merchantId: string | undefined;
  /** Set for a sync key: the upstream system whose merchants it may change. */
  readonly upstream: string | undefined;
  readonly scopes: readonly Scope[];
  /** Lower-case hex SHA-256 of the secret key. */
  readonly secretKeyHash: string;
  readonly createdAt: Date;
  /** Set by rotation; the key works until then. */
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
}

interface ApiKeyRow {
  readonly api_key: string;
  readonly merchant_id: string | null;
  readonly upstream: string | null;
  readonly scopes: Scope[];
  readonly secret_key_hash: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

const COLUMNS = 'api_key, merchant_id, upstream, scopes, secret_key_hash, created_at, expires_at, revoked_at';

const INSERT = `insert into api_keys (${COLUMNS})
  values (:apiKey, :merchantId, :upstream, :scopes, :secretKeyHash, :createdAt, :expiresAt, :revokedAt)`;

export async function insertApiKey(db: Db, key: ApiKey): Promise<void> {
  await execute(db, INSERT, toParameters(key));
}

/** Inserts the key, or replaces the one with the same name. */
export async function upsertApiKey(db: Db, key: ApiKey): Promise<void> {
  await execute(
    db,
    `${INSERT} on conflict (api_key) do update
     set (merchant_id, upstream, scopes, secret_key_hash, expires_at, revoked_at) =
       (excluded.merchant_id, excluded.upstream, excluded.scopes, excluded.secret_key_hash, excluded.expires_at, excluded.revoked_at)`,
    toParameters(key),
  );
}

/** The key, even if it has expired or was revoked. */
export const findApiKey: (db: Db, apiKey: string) => Promise<ApiKey | undefined> = batchedRead(
  async (db, apiKeys: readonly string[]) => {
    const rows = await queryPrepared<ApiKeyRow>(
      db,
      `select ${COLUMNS} from api_keys where api_key = any(cast(:apiKeys as text[]))`,
      { apiKeys: [...new Set(apiKeys)] },
    );
    const found = new Map(rows.map((row) => [row.api_key, toApiKey(row)]));
    return apiKeys.map((apiKey) => found.get(apiKey));
  },
);

/** All keys, or those of one merchant, oldest first. */
export async function listApiKeys(db: Db, merchantId?: string): Promise<ApiKey[]> {
  const rows = await query<ApiKeyRow>(
    db,
    `select ${COLUMNS} from api_keys
     where cast(:merchantId as text) is null or merchant_id = :merchantId order by created_at, api_key`,
    { merchantId: merchantId ?? null },
  );
  return rows.map(toApiKey);
}

/** Revokes a key; false when there is no such key or it is revoked already. */
export async function revokeApiKey(db: Db, apiKey: string, now: Date): Promise<boolean> {
  const changed = await execute(
    db,
    'update api_keys set revoked_at = :now where api_key = :apiKey and revoked_at is null',
    { apiKey, now },
  );
  return changed === 1;
}

/**
 * Makes a key expire at `expiresAt`, unless it expires earlier. One statement, so that a key that is revoked concurrently
 * does not count as working.
 * @returns the key; undefined when it does not exist, has expired or was revoked
 */
export async function expireWorkingKey(
  db: Db,
  apiKey: string,
  now: Date,
  expiresAt: Date,
): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(
    db,
    `update api_keys set expires_at = least(coalesce(expires_at, :expiresAt), :expiresAt)
     where api_key = :apiKey and revoked_at is null and (expires_at is null or expires_at > :now)
     returning ${COLUMNS}`,
    { apiKey, now, expiresAt },
  );
  return row && toApiKey(row);
}

/** Whether a key is neither revoked nor expired. */
export function isWorkingKey(key: ApiKey, now: Date): boolean {
  return key.revokedAt === undefined && (key.expiresAt === undefined || key.expiresAt > now);
}

function toParameters(key: ApiKey) {
  return {
    ...key,
    merchantId: key.merchantId ?? null,
    upstream: key.upstream ?? null,
    expiresAt: key.expiresAt ?? null,
    revokedAt: key.revokedAt ?? null,
  };
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    apiKey: row.api_key,
    merchantId: row.merchant_id ?? undefined,
    upstream: row.upstream ?? undefined,
    scopes: row.scopes,
    secretKeyHash: row.secret_key_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}
