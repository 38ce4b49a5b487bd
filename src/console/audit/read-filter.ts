/**
 * The filter of the audit log, from the address of its list.
 */
import { ACT_TYPES } from '../../domain/audit/act.ts';
import { addDays, parseDateTime, parseDay } from '../../lib/date-time.ts';
import { storableText } from '../../lib/text.ts';
import type { AuditFilter } from '../../store/audit/audit-log.ts';
import type { AuditForm } from '../../web/console/pages/audit/list.ts';

export interface ReadAuditFilter {
  readonly form: AuditForm;
  readonly filter: AuditFilter;
  readonly isBadDay: boolean;
}

/** Longer ids do not exist. */
const MAX_ID = 255;

export function readAuditFilter(query: URLSearchParams): ReadAuditFilter {
  const text = (name: string) => storableText(query.get(name)?.trim() ?? '').slice(0, MAX_ID);
  const type = ACT_TYPES.find((each) => each === query.get('type'));
  const form: AuditForm = {
    actor: text('actor'),
    type: type ?? '',
    object: text('object'),
    merchant: text('merchant'),
    from: text('from'),
    to: text('to'),
  };
  const from = parseDay(form.from);
  const to = parseDay(form.to);
  const isBadDay =
    (form.from !== '' && from === undefined) ||
    (form.to !== '' && to === undefined) ||
    (from !== undefined && to !== undefined && from > to);
  const filter: AuditFilter = {
    actorId: form.actor || undefined,
    objectId: form.object || undefined,
    merchantId: form.merchant || undefined,
    type,
    since: isBadDay ? undefined : startOf(from),
    until: isBadDay || to === undefined ? undefined : startOf(addDays(to, 1)),
  };
  return { form, filter, isBadDay };
}

/** Midnight in Japan. */
function startOf(day: string | undefined): Date | undefined {
  return day === undefined ? undefined : parseDateTime(`${day}T00:00:00+09:00`);
}
