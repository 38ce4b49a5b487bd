/**
 * Appends to the audit log, a chain of rows whose end is the head.
 */
import { type Db, execute, query } from '../db/query.ts';
import { AUDIT_COLUMNS, type StoredAuditRow } from './audit-log.ts';

/** The last row: the next one follows it. */
export interface AuditHead {
  readonly position: number;
  readonly hash: string;
}

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
       insert into audit_log (${AUDIT_COLUMNS})
       select ${AUDIT_COLUMNS} from unnest(
         cast(:positions as bigint[]), cast(:times as timestamptz[]), cast(:actorKinds as text[]),
         cast(:actorIds as text[]), cast(:types as text[]), cast(:objectTypes as text[]), cast(:objectIds as text[]),
         cast(:merchantIds as text[]), cast(:storeIds as text[]), cast(:reasons as text[]),
         cast(:clientAddresses as text[]), cast(:requestIds as text[]), cast(:befores as text[]),
         cast(:afters as text[]), cast(:previousHashes as text[]), cast(:hashes as text[])
       ) as row (${AUDIT_COLUMNS})
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
