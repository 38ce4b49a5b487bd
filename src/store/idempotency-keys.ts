/**
 * Idempotency keys and the responses stored under them. A row without a response belongs to a request in progress
 * while its lease is valid; once the lease expires, a retry of the request takes the key over.
 */
import { type Db, execute, executePrepared, queryPrepared } from './db/query.ts';

export interface KeyId {
  /** The caller: a merchant, an upstream system, or an intent for its payer. */
  readonly scope: string;
  readonly operation: string;
  readonly key: string;
}

export interface StoredKey {
  readonly requestHash: Buffer;
  /** Encrypted; undefined while the first request is in progress. */
  readonly response: { readonly status: number; readonly body: Buffer } | undefined;
  readonly leasedUntil: Date | undefined;
}

interface KeyRow {
  readonly request_hash: Buffer;
  readonly response_status: number | null;
  readonly response_body: Buffer | null;
  readonly leased_until: Date | null;
}

const WHERE = 'where scope = :scope and operation = :operation and key = :key';

/**
 * Claims a key for a request about to run: a new key, an expired one, or one whose lease expired without a response.
 * False when the key is taken (`findKey` returns what is stored under it), or is still valid under `formerScope`. The
 * primary key serializes concurrent claims.
 */
export async function claimKey(
  db: Db,
  id: KeyId,
  claim: {
    formerScope?: string | undefined;
    requestHash: Buffer;
    holder: string;
    now: Date;
    leasedUntil: Date;
    expiresAt: Date;
  },
): Promise<boolean> {
  const claimed = await executePrepared(
    db,
    `insert into idempotency_keys (
       scope, operation, key, request_hash, leased_by, leased_until, created_at, expires_at)
     select :scope, :operation, :key, :requestHash, :holder, :leasedUntil, :now, :expiresAt
     where (select true from idempotency_keys former
            where former.scope = :formerScope and former.operation = :operation and former.key = :key
              and former.expires_at > :now) is null
     on conflict (scope, operation, key) do update
     set request_hash = excluded.request_hash, leased_by = excluded.leased_by, leased_until = excluded.leased_until,
         response_status = null, response_body = null, created_at = excluded.created_at,
         expires_at = excluded.expires_at
     where idempotency_keys.expires_at <= :now
        or (idempotency_keys.response_status is null and idempotency_keys.request_hash = excluded.request_hash
            and (idempotency_keys.leased_until is null or idempotency_keys.leased_until <= :now
                 or idempotency_keys.leased_until > cast(:now as timestamptz) + interval '1 minute'))`,
    { ...id, ...claim, formerScope: claim.formerScope ?? null },
  );
  return claimed === 1;
}

export async function findKey(db: Db, id: KeyId): Promise<StoredKey | undefined> {
  const [row] = await queryPrepared<KeyRow>(
    db,
    `select request_hash, response_status, response_body, leased_until from idempotency_keys ${WHERE}`,
    { ...id },
  );
  if (!row) {
    return undefined;
  }
  return {
    requestHash: row.request_hash,
    response:
      row.response_status === null || row.response_body === null
        ? undefined
        : { status: row.response_status, body: row.response_body },
    leasedUntil: row.leased_until ?? undefined,
  };
}

/** Extends the holder's lease; false when another request has taken the key over. */
export async function renewKey(db: Db, id: KeyId, holder: string, leasedUntil: Date): Promise<boolean> {
  const renewed = await executePrepared(
    db,
    `update idempotency_keys set leased_until = :leasedUntil ${WHERE} and leased_by = :holder`,
    { ...id, holder, leasedUntil },
  );
  return renewed === 1;
}

/** Stores the response, unless another request has taken the key over. */
export async function storeResponse(
  db: Db,
  id: KeyId,
  holder: string,
  response: { status: number; body: Buffer },
): Promise<void> {
  await executePrepared(
    db,
    `update idempotency_keys
     set response_status = :status, response_body = :body, leased_by = null, leased_until = null
     ${WHERE} and leased_by = :holder`,
    { ...id, holder, ...response },
  );
}

/** Deletes a key whose request produced no response to store, so that a retry runs again. */
export async function releaseKey(db: Db, id: KeyId, holder: string): Promise<void> {
  await executePrepared(db, `delete from idempotency_keys ${WHERE} and leased_by = :holder`, {
    ...id,
    holder,
  });
}

/** Removes up to `limit` expired keys; returns how many. */
export function removeExpiredKeys(db: Db, now: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from idempotency_keys where (scope, operation, key) in (
       select scope, operation, key from idempotency_keys where expires_at <= :now
       order by expires_at limit :limit for update skip locked)`,
    { now, limit },
  );
}
