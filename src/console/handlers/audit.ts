/**
 * The audit log: its list, its export and its verification.
 */
import { Readable } from 'node:stream';
import type { Link } from '../../domain/audit/faults.ts';
import { eachAct } from '../../services/audit/each-act.ts';
import { actsAsCsv, actsAsJsonLines } from '../../services/audit/export-acts.ts';
import { recordAct } from '../../services/audit/record-acts.ts';
import { verifyAuditLog } from '../../services/audit/verify.ts';
import { listAuditRows } from '../../store/audit/audit-log.ts';
import { inTransaction } from '../../store/db/query.ts';
import { namesOfOperators } from '../../store/operator/payment-history.ts';
import { renderAuditList } from '../../web/console/pages/audit/list.ts';
import { renderRefusedVerification, renderVerification } from '../../web/console/pages/audit/verification.ts';
import { readAuditFilter } from '../audit/read-filter.ts';
import type { Handlers } from '../call.ts';
import { field } from '../forms.ts';
import { beginExport, limitExport } from '../payments/exports.ts';

const PAGE = 50;
/** About a second; longer logs are verified in parts. */
const MAX_VERIFIED = 50_000;

export const auditHandlers: Pick<Handlers, 'listAudit' | 'exportAudit' | 'verifyAudit'> = {
  async listAudit({ db }, { query, language }) {
    const { form, filter, isBadDay } = readAuditFilter(query);
    const after = positionOf(query.get('after'));
    const page = { order: 'newest', after, limit: PAGE + 1 } as const;
    const found = isBadDay ? [] : await listAuditRows(db, filter, page);
    const acts = found.slice(0, PAGE);
    const operators = acts.flatMap(({ actor }) => (actor.kind === 'operator' ? [actor.id] : []));
    const operatorNames = await namesOfOperators(db, [...new Set(operators)]);
    const next = found.length > PAGE ? acts.at(-1)?.position : undefined;
    const isFirst = after === undefined;
    const view = { form, isBadDay, acts, operatorNames, next, isFirst };
    return { kind: 'page', page: renderAuditList(view, language) };
  },

  async exportAudit(deps, { query, actor, clientAddress, requestId }) {
    const { form, filter } = readAuditFilter(query);
    const format = query.get('format') === 'jsonl' ? 'jsonl' : 'csv';
    const given = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''));
    const progress = beginExport(actor.id, `audit-${requestId}`);
    // Recorded before the first row is read, because what was read cannot be taken back.
    await inTransaction(deps.db, (trx) =>
      recordAct(deps, trx, {
        ...{ actor, clientAddress, requestId },
        ...{ type: 'audit.exported', objectType: 'audit_log', objectId: 'audit_log' },
        after: { ...given, format },
      }),
    ).catch((error: unknown) => {
      progress.state = 'failed';
      throw error;
    });
    const acts = eachAct(deps.db, filter);
    const chunks = format === 'csv' ? actsAsCsv(acts) : actsAsJsonLines(acts);
    const content = limitExport(deps.wallClock, Readable.from(chunks, { objectMode: false }), progress);
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl';
    return { kind: 'file', type, content, fileName: `audit-log.${format}` };
  },

  async verifyAudit({ db }, { form, language }) {
    const text = field(form, 'kept') ?? '';
    const kept = text === '' ? undefined : readHead(text);
    if (text !== '' && !kept) {
      return { kind: 'page', status: 400, page: renderRefusedVerification(text.slice(0, 100), language) };
    }
    const from = Math.max(1, positionOf(form.get('from')) ?? 1);
    const found = await verifyAuditLog(db, { kept, from, maxRows: MAX_VERIFIED });
    return { kind: 'page', page: renderVerification({ ...found, from, kept: text }, language) };
  },
};

function positionOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function readHead(text: string): Link | undefined {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  return position === undefined || hash === undefined
    ? undefined
    : { position: Number(position), hash: hash.toLowerCase() };
}
