/**
 * What an act changed: field by field, before and after.
 */
import type { AuditRow, Json } from '../../../../domain/audit/act.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { auditTexts } from '../../texts/audit/audit.ts';
import type { Language } from '../../texts/language.ts';

interface Field {
  readonly name: string;
  /** Undefined: there was nothing. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** More are folded. */
const SHOWN = 4;
/** Longer values are in exports. */
const MAX_FIELDS = 200;
const MAX_VALUE = 300;
const NOTHING = '–';

export function renderChange(row: Pick<AuditRow, 'before' | 'after'>, language: Language): Html | string {
  const fields = fieldsOf(row);
  if (fields.length === 0) {
    return '';
  }
  const more = fields.slice(SHOWN);
  return html`<dl class="changes">${fields.slice(0, SHOWN).map(renderField)}</dl>${
    more.length > 0 &&
    html`<details class="changes-more"><summary>${auditTexts(language).more(more.length)}</summary><dl class="changes">${more.map(renderField)}</dl></details>`
  }`;
}

function renderField({ name, before, after }: Field): Html {
  const isBoth = before !== undefined && after !== undefined;
  return html`<div><dt>${name}</dt><dd>${before !== undefined && renderBefore(before)}${isBoth && html`<span aria-hidden="true"> → </span>`}${
    after !== undefined && html`<ins>${after}</ins>`
  }</dd></div>`;
}

function renderBefore(before: string): Html | string {
  return before === NOTHING ? before : html`<del>${before}</del>`;
}

function fieldsOf({ before, after }: Pick<AuditRow, 'before' | 'after'>): Field[] {
  const old = flatten(before);
  const now = flatten(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, before: old.get(name), after: now.get(name) }))
    .filter((field) => !isUnset(field))
    .slice(0, MAX_FIELDS);
}

/** A setting of something new that it does not have. */
function isUnset({ before, after }: Field): boolean {
  return (before ?? NOTHING) === NOTHING && (after ?? NOTHING) === NOTHING;
}

/** The values inside objects by their paths, such as `accounts · store_001 PAYPAY · is_active`. */
function flatten(value: Json | undefined, path: readonly string[] = []): Map<string, string> {
  if (value === undefined) {
    return new Map();
  }
  if (isObject(value)) {
    return new Map(Object.entries(value).flatMap(([name, inner]) => [...flatten(inner, [...path, name])]));
  }
  return new Map([[path.join(' · '), shorten(textOf(value))]]);
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function textOf(value: Json): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? NOTHING : value.map((item: Json) => textOf(item)).join(', ');
  }
  if (value === null) {
    return NOTHING;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function shorten(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE).toWellFormed()}…` : text;
}
