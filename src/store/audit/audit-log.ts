/**
 * The audit log, a chain of rows that is only appended to.
 */
import type { ActorKind, ActType, AuditRow, Json } from '../../domain/audit/act.ts';
import { type Db, execute, query } from '../db/query.ts';

/** The last row: the next one follows it. */
export interface AuditHead {
  readonly position: number;
  readonly hash: string;
}

/** A row as it is stored: `before` and `after` are JSON. */
export type StoredAuditRow = Omit<AuditRow, 'before' | 'after'> & {
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** Locks the head until the transaction ends; only one transaction appends at a time. */
export async function lockAuditHead(trx: Db): Promise<AuditHead> {
  const [head] = await query<AuditHead>(trx, 'select position, hash from audit_head for update');
  if (!head) {
    throw new Error('the audit log has no head');
  }
  return head;
}

/** Appends rows that follow the head, which must be locked. */
export async function appendAuditRows(trx: Db, rows: readonly StoredAuditRow[]): Promise<void> {
  const column = (of: (row: StoredAuditRow) => unknown) => rows.map((row) => of(row) ?? null);
  await execute(
    trx,
    `with appended as (
       insert into audit_log (${COLUMNS})
       select ${COLUMNS} from unnest(
         cast(:positions as bigint[]), cast(:times as timestamptz[]), cast(:actorKinds as text[]),
         cast(:actorIds as text[]), cast(:types as text[]), cast(:objectTypes as text[]), cast(:objectIds as text[]),
         cast(:merchantIds as text[]), cast(:storeIds as text[]), cast(:reasons as text[]),
         cast(:clientAddresses as text[]), cast(:requestIds as text[]), cast(:befores as text[]),
         cast(:afters as text[]), cast(:previousHashes as text[]), cast(:hashes as text[])
       ) as row (${COLUMNS})
       returning position)
     update audit_head set position = :lastPosition, hash = :lastHash where exists (select from appended)`,
    {
      positions: column((row) => row.position),
      times: column((row) => row.createdAt),
      actorKinds: column((row) => row.actor.kind),
      actorIds: column((row) => row.actor.id),
      types: column((row) => row.type),
      objectTypes: column((row) => row.objectType),
      objectIds: column((row) => row.objectId),
      merchantIds: column((row) => row.merchantId),
      storeIds: column((row) => row.storeId),
      reasons: column((row) => row.reason),
      clientAddresses: column((row) => row.clientAddress),
      requestIds: column((row) => row.requestId),
      befores: column((row) => row.before),
      afters: column((row) => row.after),
      previousHashes: column((row) => row.previousHash),
      hashes: column((row) => row.hash),
      lastPosition: rows.at(-1)?.position ?? 0,
      lastHash: rows.at(-1)?.hash ?? '',
    },
  );
}

const COLUMNS = `position, created_at, actor_kind, actor_id, type, object_type, object_id, merchant_id, store_id, reason,
  client_address, request_id, before, after, previous_hash, hash`;

interface AuditLogRow {
  readonly position: number;
  readonly created_at: Date;
  readonly actor_kind: ActorKind;
  readonly actor_id: string;
  readonly type: ActType;
  readonly object_type: string;
  readonly object_id: string;
  readonly merchant_id: string | null;
  readonly store_id: string | null;
  readonly reason: string | null;
  readonly client_address: string | null;
  readonly request_id: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly previous_hash: string;
  readonly hash: string;
}

/** What was done to one object, oldest first. */
export async function listActsOnObject(
  db: Db,
  objectType: string,
  objectId: string,
  limit: number,
): Promise<AuditRow[]> {
  const rows = await query<AuditLogRow>(
    db,
    `select ${COLUMNS} from audit_log where object_type = :objectType and object_id = :objectId
     order by position limit :limit`,
    { objectType, objectId, limit },
  );
  return rows.map(toAuditRow);
}

function toAuditRow(row: AuditLogRow): AuditRow {
  return {
    position: row.position,
    createdAt: row.created_at,
    actor: { kind: row.actor_kind, id: row.actor_id },
    type: row.type,
    objectType: row.object_type,
    objectId: row.object_id,
    merchantId: row.merchant_id ?? undefined,
    storeId: row.store_id ?? undefined,
    reason: row.reason ?? undefined,
    clientAddress: row.client_address ?? undefined,
    requestId: row.request_id ?? undefined,
    before: row.before === null ? undefined : (JSON.parse(row.before) as Json),
    after: row.after === null ? undefined : (JSON.parse(row.after) as Json),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
