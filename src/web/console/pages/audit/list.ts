/**
 * The list of acts with its filter, its export and the form that verifies the log.
 */
import { ACT_TYPES, type AuditRow } from '../../../../domain/audit/act.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { idText, panel, time } from '../../components/basics.ts';
import { filterForm, input, select } from '../../components/forms.ts';
import { columns, hint, pageHead, problem } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { actTypeTexts } from '../../texts/audit/acts.ts';
import { auditTexts } from '../../texts/audit/audit.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';
import { renderChange } from './change.ts';

/** The fields of the filter, as they were entered; empty: not filtered. */
export type AuditForm = Readonly<Record<'actor' | 'type' | 'object' | 'merchant' | 'from' | 'to', string>>;

export interface AuditListView {
  readonly form: AuditForm;
  readonly isBadDay: boolean;
  readonly acts: readonly AuditRow[];
  /** By their ids. */
  readonly operatorNames: ReadonlyMap<string, string>;
  /** The position after which the next page begins. */
  readonly next: number | undefined;
  readonly isFirst: boolean;
}

const MAX_ID = 255;

export function renderAuditList(view: AuditListView, language: Language): Page {
  const texts = auditTexts(language);
  const { form, next, isFirst, isBadDay } = view;
  const main = html`${pageHead({ title: texts.title, below: texts.zone })}
${renderFilter(form, language)}
${isBadDay && problem(texts.badDay)}
${renderTable(view, language)}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: pathWith('/audit', form) },
  next:
    next === undefined
      ? undefined
      : { label: texts.older, href: pathWith('/audit', { ...form, after: String(next) }) },
})}
${columns(renderExport(form, language), renderVerify(language))}`;
  return { title: texts.title, main, width: 'wide' };
}

function renderFilter(form: AuditForm, language: Language): Html {
  const texts = auditTexts(language);
  const types = actTypeTexts(language);
  const fields = html`${input({ name: 'actor', label: texts.actor, value: form.actor, maxLength: MAX_ID })}
${select({
  name: 'type',
  label: texts.act,
  value: form.type,
  options: [
    { value: '', label: texts.anyAct },
    ...ACT_TYPES.map((type) => ({ value: type, label: types[type] })),
  ],
})}
${input({ name: 'object', label: texts.object, value: form.object, maxLength: MAX_ID })}
${input({ name: 'merchant', label: texts.merchant, value: form.merchant, maxLength: MAX_ID })}
${input({ name: 'from', label: texts.from, value: form.from, type: 'date' })}
${input({ name: 'to', label: texts.to, value: form.to, type: 'date' })}`;
  const isFiltered = Object.values(form).some((value) => value !== '');
  return filterForm({ action: '/audit', fields, isFiltered, label: texts.filter }, language);
}

function renderTable({ acts, operatorNames }: AuditListView, language: Language): Html {
  const texts = auditTexts(language);
  return table({
    caption: texts.caption,
    empty: texts.none,
    columns: [
      { label: texts.time, onPhone: 'side' },
      { label: texts.act, onPhone: 'title' },
      { label: texts.object, onPhone: 'wide' },
      { label: texts.change, onPhone: 'wide' },
      { label: texts.who },
      { label: texts.reason },
    ],
    rows: acts.map((act) => [
      html`${time(act.createdAt)}<br><small>${texts.row(act.position)}</small>`,
      html`<strong>${actTypeTexts(language)[act.type] ?? act.type}</strong>`,
      renderObject(act),
      renderChange(act, language),
      renderActor(act, operatorNames, language),
      act.reason ?? '',
    ]),
  });
}

/** The pages of objects. Others have none. */
const PAGES: Readonly<Record<string, string>> = {
  payment_intent: '/payments/',
  api_key: '/keys/',
  webhook_endpoint: '/endpoints/',
  webhook_delivery: '/deliveries/',
  merchant: '/merchants/',
  operator: '/operators/',
  provider_webhook: '/inbox/',
};

function renderObject({ objectType, objectId, merchantId }: AuditRow): Html {
  const page = PAGES[objectType];
  const id = idText(objectId);
  return html`${page === undefined ? id : html`<a href="${page}${encodeURIComponent(objectId)}">${id}</a>`}${
    merchantId !== undefined &&
    merchantId !== objectId &&
    html`<br><small><a href="/merchants/${encodeURIComponent(merchantId)}">${merchantId}</a></small>`
  }`;
}

function renderActor(
  { actor, clientAddress }: AuditRow,
  names: ReadonlyMap<string, string>,
  language: Language,
): Html {
  const texts = auditTexts(language);
  const address = clientAddress === undefined ? '' : ` · ${texts.viaAddress(clientAddress)}`;
  return html`${renderName(actor, names)}<br><small>${texts.kinds[actor.kind] ?? actor.kind}${address}</small>`;
}

function renderName({ kind, id }: AuditRow['actor'], names: ReadonlyMap<string, string>): Html {
  const path = encodeURIComponent(id);
  if (kind === 'operator') {
    return html`<a href="/operators/${path}">${names.get(id) ?? id}</a>`;
  }
  return kind === 'api_key' ? html`<a href="/keys/${path}">${idText(id)}</a>` : html`${id}`;
}

function renderExport(form: AuditForm, language: Language): Html {
  const texts = auditTexts(language);
  const fields = Object.entries(form).filter(([, value]) => value !== '');
  return panel(
    texts.export,
    html`${hint(texts.exportText)}<form class="audit-form" action="/audit/export">${fields.map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    )}<div class="buttons"><button class="plain" name="format" value="csv">CSV</button><button class="plain" name="format" value="jsonl">JSON Lines</button></div></form>`,
  );
}

/** @param refused what was entered, when it is no head */
export function renderVerify(language: Language, refused?: string): Html {
  const texts = auditTexts(language);
  return panel(
    texts.verify,
    html`${hint(texts.verifyText)}<form class="audit-form" method="post" action="/audit/verify">
${refused !== undefined && problem(texts.badKept)}
${input({ name: 'kept', label: texts.kept, hint: texts.keptHint, value: refused, maxLength: 100 })}
<div class="buttons"><button>${texts.verify}</button></div></form>`,
  );
}
