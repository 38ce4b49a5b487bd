/**
 * API keys. Only the hash of a secret key is stored, so a lost secret can only be replaced.
 */
import { batchedRead } from './db/batches.ts';
import { type Db, execute, query, queryPrepared } from './db/query.ts';

export type Scope = 'payments' | 'refunds' | 'refunds:cash' | 'events' | 'reports' | 'sync';

/** What narrows a key beyond its scopes; undefined: no limit. */
export interface KeyLimits {
  /** It sees and changes only what belongs to these stores of its merchant. */
  readonly storeIds: readonly string[] | undefined;
  /** IP addresses and CIDR ranges of the clients that may use it. */
  readonly allowedIps: readonly string[] | undefined;
  /** Of one refund, in the smallest unit of its currency. */
  readonly maxRefundAmount: number | undefined;
  /** The end that the operator set, which a key that replaces this one inherits. */
  readonly plannedExpiresAt: Date | undefined;
}

export interface ApiKey extends KeyLimits {
  readonly apiKey: string;
  /** What it is for, in the words of the operator. */
  readonly label: string | undefined;
  /** Set for the key of a merchant. */
  readonly merchantId: string | undefined;
  /** Set for a sync key: the upstream system whose merchants it may change. */
  readonly upstream: string | undefined;
  readonly scopes: readonly Scope[];
  /** Lower-case hex SHA-256 of the secret key. */
  readonly secretKeyHash: string;
  readonly createdAt: Date;
  /** The key works until then: until its planned end or, after a rotation, until the end of the overlap if that is earlier. */
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  /** Accurate to a minute. */
  readonly lastUsedAt: Date | undefined;
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
  readonly label: string | null;
  readonly store_ids: string[] | null;
  readonly allowed_ips: string[] | null;
  readonly max_refund_amount: number | null;
  readonly planned_expires_at: Date | null;
  readonly last_used_at: Date | null;
}

const INSERTED = `api_key, merchant_id, upstream, scopes, secret_key_hash, created_at, expires_at, revoked_at, label, store_ids,
  allowed_ips, max_refund_amount, planned_expires_at`;
const COLUMNS = `${INSERTED}, last_used_at`;

const INSERT = `insert into api_keys (${INSERTED})
  values (:apiKey, :merchantId, :upstream, :scopes, :secretKeyHash, :createdAt, :expiresAt, :revokedAt, :label,
    cast(:storeIds as text[]), cast(:allowedIps as cidr[]), :maxRefundAmount, :plannedExpiresAt)`;

export async function insertApiKey(db: Db, key: ApiKey): Promise<void> {
  await execute(db, INSERT, toParameters(key));
}

/** Inserts the key, or replaces the one with the same name, which loses its limits. */
export async function upsertApiKey(db: Db, key: ApiKey): Promise<void> {
  await execute(
    db,
    `${INSERT} on conflict (api_key) do update
     set (merchant_id, upstream, scopes, secret_key_hash, expires_at, revoked_at, label, store_ids, allowed_ips,
          max_refund_amount, planned_expires_at) =
       (excluded.merchant_id, excluded.upstream, excluded.scopes, excluded.secret_key_hash, excluded.expires_at,
        excluded.revoked_at, excluded.label, excluded.store_ids, excluded.allowed_ips, excluded.max_refund_amount,
        excluded.planned_expires_at)`,
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

/** The keys that the rest of a statement selects. @param rest from `where` on */
export async function listApiKeysWhere(
  db: Db,
  rest: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<ApiKey[]> {
  return (await query<ApiKeyRow>(db, `select ${COLUMNS} from api_keys ${rest}`, bindings)).map(toApiKey);
}

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

/** Revokes a key and returns it; undefined when there is no such key or it is revoked already. */
export async function revokeApiKey(db: Db, apiKey: string, now: Date): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(
    db,
    `update api_keys set revoked_at = :now where api_key = :apiKey and revoked_at is null returning ${COLUMNS}`,
    { apiKey, now },
  );
  return row && toApiKey(row);
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

/** The key, locked until the transaction ends; undefined when it does not exist, has expired or was revoked. */
export async function lockWorkingKey(trx: Db, apiKey: string, now: Date): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(
    trx,
    `select ${COLUMNS} from api_keys
     where api_key = :apiKey and revoked_at is null and (expires_at is null or expires_at > :now) for no key update`,
    { apiKey, now },
  );
  return row && toApiKey(row);
}

/** Saves label, scopes, end and limits of a key. */
export async function saveKeyLimits(trx: Db, key: ApiKey): Promise<void> {
  await execute(
    trx,
    `update api_keys
     set label = :label, scopes = :scopes, store_ids = cast(:storeIds as text[]),
         allowed_ips = cast(:allowedIps as cidr[]), max_refund_amount = :maxRefundAmount,
         planned_expires_at = :plannedExpiresAt, expires_at = :expiresAt
     where api_key = :apiKey`,
    toParameters(key),
  );
}

/** Whether a key is neither revoked nor expired. */
export function isWorkingKey(key: ApiKey, now: Date): boolean {
  return key.revokedAt === undefined && !hasExpired(key, now);
}

export function hasExpired({ expiresAt }: ApiKey, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/**
 * Whether a stream that began with `key` may continue: the key still works, with the scopes, stores and addresses that the
 * stream was allowed by.
 */
export function mayContinue(key: ApiKey, current: ApiKey | undefined, now: Date): boolean {
  const allowedBy = ({ scopes, storeIds, allowedIps }: ApiKey) =>
    JSON.stringify([scopes, storeIds, allowedIps]);
  return current !== undefined && isWorkingKey(current, now) && allowedBy(current) === allowedBy(key);
}

function toParameters(key: ApiKey) {
  return {
    ...key,
    merchantId: key.merchantId ?? null,
    upstream: key.upstream ?? null,
    expiresAt: key.expiresAt ?? null,
    revokedAt: key.revokedAt ?? null,
    label: key.label ?? null,
    storeIds: key.storeIds ?? null,
    allowedIps: key.allowedIps ?? null,
    maxRefundAmount: key.maxRefundAmount ?? null,
    plannedExpiresAt: key.plannedExpiresAt ?? null,
    lastUsedAt: key.lastUsedAt ?? null,
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
    label: row.label ?? undefined,
    storeIds: row.store_ids ?? undefined,
    allowedIps: row.allowed_ips ?? undefined,
    maxRefundAmount: row.max_refund_amount ?? undefined,
    plannedExpiresAt: row.planned_expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
