/**
 * A row of the audit log for lists and exports, with everything that its hash covers.
 */
import type { AuditRow } from '../../domain/audit/act.ts';

export function presentAct(row: AuditRow) {
  return {
    position: row.position,
    created_at: row.createdAt.toISOString(),
    actor_kind: row.actor.kind,
    actor_id: row.actor.id,
    type: row.type,
    object_type: row.objectType,
    object_id: row.objectId,
    merchant_id: row.merchantId ?? null,
    store_id: row.storeId ?? null,
    reason: row.reason ?? null,
    client_address: row.clientAddress ?? null,
    request_id: row.requestId ?? null,
    before: row.before ?? null,
    after: row.after ?? null,
    previous_hash: row.previousHash,
    hash: row.hash,
  };
}

/** The columns of an export. */
export const ACT_COLUMNS = [
  'position',
  'created_at',
  'actor_kind',
  'actor_id',
  'type',
  'object_type',
  'object_id',
  'merchant_id',
  'store_id',
  'reason',
  'client_address',
  'request_id',
  'before',
  'after',
  'previous_hash',
  'hash',
] as const satisfies readonly (keyof ReturnType<typeof presentAct>)[];
