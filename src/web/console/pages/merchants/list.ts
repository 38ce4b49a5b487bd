/**
 * The list of merchants, with search.
 */
import { html } from '../../../../lib/html.ts';
import type { ListedMerchant } from '../../../../services/operator/merchants/list-merchants.ts';
import type { Page as Rows } from '../../../../services/operator/page.ts';
import { idText, time } from '../../components/basics.ts';
import { filterForm, input } from '../../components/forms.ts';
import { pageHead } from '../../components/page.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { merchantTexts } from '../../texts/gateway/merchants.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';

export interface MerchantsView {
  readonly merchants: Rows<ListedMerchant>;
  readonly search: string | undefined;
  readonly isFirst: boolean;
}

export function renderMerchants({ merchants, search, isFirst }: MerchantsView, language: Language): Page {
  const texts = merchantTexts(language);
  const main = html`${pageHead({ title: texts.title })}
${filterForm(
  {
    action: '/merchants',
    label: texts.find,
    isFiltered: search !== undefined,
    fields: input({ name: 'q', label: texts.search, value: search, type: 'search', maxLength: 100 }),
  },
  language,
)}
${table({
  caption: texts.caption,
  columns: [
    { label: texts.name },
    { label: texts.id },
    { label: texts.storesCount, isNumber: true },
    { label: texts.activeAccounts, isNumber: true },
    { label: texts.upstream },
    { label: texts.updated },
  ],
  rows: merchants.rows.map((merchant) => [
    html`<a href="/merchants/${encodeURIComponent(merchant.id)}">${merchant.name}</a>`,
    idText(merchant.id),
    String(merchant.stores),
    String(merchant.activeAccounts),
    merchant.upstream,
    time(merchant.updatedAt),
  ]),
  empty: texts.none,
})}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: pathWith('/merchants', { q: search }) },
  next:
    merchants.next === undefined
      ? undefined
      : { label: texts.next, href: pathWith('/merchants', { q: search, after: merchants.next }) },
})}`;
  return { title: texts.title, main };
}
