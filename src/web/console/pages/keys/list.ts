/**
 * The list of API keys, and the form of a new one.
 */
import { type Html, html } from '../../../../lib/html.ts';
import { type ApiKey, keyStateOf } from '../../../../services/operator/keys/list-keys.ts';
import type { Page as Rows } from '../../../../services/operator/page.ts';
import { idText, time } from '../../components/basics.ts';
import { type ActView, actForm, filterForm, input, select } from '../../components/forms.ts';
import { pageHead } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { keyTexts } from '../../texts/gateway/keys.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';
import { type KeyFields, renderKeyFields } from './fields.ts';
import { endOf, limitsOf, ownerOf, scopesOf, stateBadge } from './parts.ts';

export interface NewKeyForm {
  readonly fields: KeyFields;
  readonly kind: string;
  readonly merchant: string;
  readonly upstream: string;
  /** The merchants that the operator is limited to; undefined: all, and syncs. */
  readonly merchants: readonly string[] | undefined;
  readonly ownStores: readonly string[] | undefined;
  readonly refused: ActView['refused'];
}

export interface KeysView {
  readonly keys: Rows<ApiKey>;
  readonly filter: { readonly merchant: string | undefined; readonly state: 'working' | 'ended' | undefined };
  readonly isFirst: boolean;
  readonly now: Date;
  /** Undefined: the operator may make none. */
  readonly newKey: NewKeyForm | undefined;
}

type Texts = ReturnType<typeof keyTexts>;

export function renderKeys(view: KeysView, language: Language): Page {
  const texts = keyTexts(language);
  const main = html`${pageHead({ title: texts.title })}
${view.newKey && renderNewKey(view.newKey, texts, language)}
${renderFilter(view, texts, language)}
${renderTable(view, texts, language)}
${renderPager(view, texts)}`;
  return { title: texts.title, main, width: 'wide' };
}

function renderFilter({ filter }: KeysView, texts: Texts, language: Language): Html {
  return filterForm(
    {
      action: '/keys',
      label: texts.filter,
      isFiltered: filter.merchant !== undefined || filter.state !== undefined,
      fields: html`${input({ name: 'merchant', label: texts.merchant, value: filter.merchant, maxLength: 64 })}
${select({
  name: 'state',
  label: texts.state,
  value: filter.state,
  options: [
    { value: '', label: texts.any },
    { value: 'working', label: texts.filters.working },
    { value: 'ended', label: texts.filters.ended },
  ],
})}`,
    },
    language,
  );
}

function renderTable({ keys, now }: KeysView, texts: Texts, language: Language): Html {
  return table({
    caption: texts.caption,
    columns: [
      { label: texts.key },
      { label: texts.merchant },
      { label: texts.state },
      { label: texts.scopes },
      { label: texts.limits },
      { label: texts.end },
      { label: texts.lastUsed },
    ],
    rows: keys.rows.map((key) => [
      html`<a href="/keys/${key.apiKey}">${key.label !== undefined && html`${key.label}<br>`}${idText(key.apiKey)}</a>`,
      ownerOf(key, texts),
      stateBadge(keyStateOf(key, now), texts),
      scopesOf(key, texts, language),
      limitsOf(key, texts, language),
      endOf(key, texts),
      key.lastUsedAt ? time(key.lastUsedAt) : texts.notUsed,
    ]),
    empty: texts.none,
  });
}

function renderPager({ keys, filter, isFirst }: KeysView, texts: Texts): Html | undefined {
  return pager({
    label: texts.pages,
    first: isFirst ? undefined : { label: texts.first, href: pathWith('/keys', filter) },
    next:
      keys.next === undefined
        ? undefined
        : { label: texts.next, href: pathWith('/keys', { ...filter, after: keys.next }) },
  });
}

function renderNewKey(form: NewKeyForm, texts: Texts, language: Language): Html {
  return actForm(
    {
      action: '/keys',
      title: texts.create,
      explanation: texts.createExplanation,
      fields: html`<div class="key-fields">${renderOwner(form, texts)}
${renderKeyFields({ fields: form.fields, isSync: false, ownStores: form.ownStores }, texts)}</div>`,
      refused: form.refused,
    },
    language,
  );
}

function renderOwner({ kind, merchant, upstream, merchants }: NewKeyForm, texts: Texts): Html {
  if (merchants) {
    const options = merchants.map((id) => ({ value: id, label: id }));
    return select({ name: 'merchant', label: texts.merchant, value: merchant, options });
  }
  return html`${select({
    name: 'kind',
    label: texts.kind,
    value: kind,
    options: [
      { value: 'merchant', label: texts.kinds.merchant },
      { value: 'sync', label: texts.kinds.sync },
    ],
  })}
${input({ name: 'merchant', label: texts.merchant, hint: texts.merchantHint, value: merchant, maxLength: 64 })}
${input({ name: 'upstream', label: texts.upstream, hint: texts.upstreamHint, value: upstream, maxLength: 64 })}`;
}
