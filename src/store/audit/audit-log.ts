/**
 * Reads the audit log: what somebody did or what was done to something, and the rows of the chain as they are stored.
 */
import type { ActorKind, ActType, AuditRow, Json } from '../../domain/audit/act.ts';
import { type Db, query } from '../db/query.ts';

/** A row as it is stored: `before` and `after` are JSON. */
export type StoredAuditRow = Omit<AuditRow, 'before' | 'after'> & {
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** Undefined: all. */
export interface AuditFilter {
  readonly objectId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly merchantId?: string | undefined;
  readonly type?: ActType | undefined;
  /** Inclusive. */
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
}

export interface AuditPage {
  readonly order: 'newest' | 'oldest';
  /** The page begins after the row at this position. */
  readonly after: number | undefined;
  readonly limit: number;
}

export const AUDIT_COLUMNS = `position, created_at, actor_kind, actor_id, type, object_type, object_id, merchant_id, store_id,
  reason, client_address, request_id, before, after, previous_hash, hash`;

interface AuditLogRow {
  readonly position: number;
  /** A number is infinity, which only somebody who changes the log can have written. */
  readonly created_at: Date | number;
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

/** Conditions that are not set are left out, so that each combination uses its index. */
const CONDITIONS: Readonly<Record<keyof AuditFilter, string>> = {
  objectId: 'object_id = :objectId',
  actorId: 'actor_id = :actorId',
  merchantId: 'merchant_id = :merchantId',
  type: 'type = :type',
  since: 'created_at >= :since',
  until: 'created_at < :until',
};

/** A page of acts. */
export async function listAuditRows(db: Db, filter: AuditFilter, page: AuditPage): Promise<AuditRow[]> {
  const set = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = [
    ...set.map(([name]) => CONDITIONS[name as keyof AuditFilter]),
    page.order === 'newest'
      ? 'position < coalesce(cast(:after as bigint), 9223372036854775807)'
      : 'position > coalesce(cast(:after as bigint), 0)',
  ];
  const rows = await query<AuditLogRow>(
    db,
    `select ${AUDIT_COLUMNS} from audit_log where ${conditions.join(' and ')}
     order by position ${page.order === 'newest' ? 'desc' : 'asc'} limit :limit`,
    { ...Object.fromEntries(set), after: page.after ?? null, limit: page.limit },
  );
  return rows.map(toAuditRow);
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
    `select ${AUDIT_COLUMNS} from audit_log where object_type = :objectType and object_id = :objectId
     order by position limit :limit`,
    { objectType, objectId, limit },
  );
  return rows.map(toAuditRow);
}

/** The rows after a position, up to and including another one, as they are stored. */
export async function listChain(
  db: Db,
  { after, last, limit }: { readonly after: number; readonly last: number; readonly limit: number },
): Promise<StoredAuditRow[]> {
  const rows = await query<AuditLogRow>(
    db,
    `select ${AUDIT_COLUMNS} from audit_log where position > :after and position <= :last order by position limit :limit`,
    { after, last, limit },
  );
  return rows.map(toStored);
}

/** Position and hash of one row. */
export async function findLink(
  db: Db,
  position: number,
): Promise<{ readonly position: number; readonly hash: string } | undefined> {
  const [row] = await query<{ position: number; hash: string }>(
    db,
    'select position, hash from audit_log where position = :position',
    { position },
  );
  return row;
}

/** The head and the position of the last row, at one moment. */
export async function readAuditEnd(db: Db): Promise<{
  readonly head: { readonly position: number; readonly hash: string } | undefined;
  readonly last: number;
}> {
  const [row] = await query<{ position: number | null; hash: string | null; last: number }>(
    db,
    `select audit_head.position, audit_head.hash, coalesce(log.last, 0) as last
     from (select max(position) as last from audit_log) as log left join audit_head on true`,
  );
  const { position = null, hash = null, last = 0 } = row ?? {};
  return { head: position === null || hash === null ? undefined : { position, hash }, last };
}

function toAuditRow(row: AuditLogRow): AuditRow {
  const { before, after, ...stored } = toStored(row);
  return { ...stored, before: parse(before), after: parse(after) };
}

function toStored(row: AuditLogRow): StoredAuditRow {
  return {
    position: row.position,
    createdAt: row.created_at instanceof Date ? row.created_at : new Date(0),
    actor: { kind: row.actor_kind, id: row.actor_id },
    type: row.type,
    objectType: row.object_type,
    objectId: row.object_id,
    merchantId: row.merchant_id ?? undefined,
    storeId: row.store_id ?? undefined,
    reason: row.reason ?? undefined,
    clientAddress: row.client_address ?? undefined,
    requestId: row.request_id ?? undefined,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

/** What is not JSON was written by somebody who changed the log, and must be visible too. */
function parse(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  } catch {
    return text;
  }
}
