/**
 * All acts that match a filter, one after the other, in constant memory and outside any transaction.
 */
import type { AuditRow } from '../../domain/audit/act.ts';
import { type AuditFilter, listAuditRows } from '../../store/audit/audit-log.ts';
import type { Db } from '../../store/db/query.ts';

const PAGE = 500;

/** Oldest first. */
export async function* eachAct(db: Db, filter: AuditFilter): AsyncGenerator<AuditRow> {
  for (let after: number | undefined; ; ) {
    const page = await listAuditRows(db, filter, { order: 'oldest', after, limit: PAGE });
    yield* page;
    after = page.at(-1)?.position;
    if (page.length < PAGE) {
      return;
    }
  }
}
