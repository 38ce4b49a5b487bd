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
