/**
 * What a search has found, by kind; or what can be searched.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { Found } from '../../../../services/operator/search/search.ts';
import { idText, money, panel, time } from '../../components/basics.ts';
import { hint, pageHead } from '../../components/page.ts';
import { paymentBadge } from '../../components/status.ts';
import { table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { homeTexts } from '../../texts/home.ts';
import type { Language } from '../../texts/language.ts';
import { paymentsTexts } from '../../texts/payments.ts';
import { listPath, shopValue } from './filter.ts';
import { shopName } from './payment-table.ts';
import { searchForm } from './search-form.ts';

export interface SearchView {
  /** Empty: nothing was searched for. */
  readonly typed: string;
  readonly found: readonly Found[];
  /** How many of a kind are found at most. */
  readonly most: number;
}

type Kind = keyof ReturnType<typeof homeTexts>['kinds'];

/** Objects of the audit log that have a page, by the beginning of their ids. */
const PAGES: Readonly<Record<string, string>> = {
  pi_: '/payments/',
  we_: '/endpoints/',
  wd_: '/deliveries/',
  ak_: '/keys/',
  op_: '/operators/',
};
const OTHERS = { endpoint: '/endpoints/', delivery: '/deliveries/', key: '/keys/', operator: '/operators/' };

/** The page of something that was found. */
export function pathOf(found: Found): string {
  switch (found.kind) {
    case 'payment':
      return `/payments/${found.payment.intent.id}${found.refundId === undefined ? '' : `#${found.refundId}`}`;
    case 'shop': {
      const { merchantId, storeId } = found.shop;
      return storeId === undefined
        ? `/merchants/${encodeURIComponent(merchantId)}`
        : listPath('/payments', { shop: shopValue(merchantId, storeId) });
    }
    case 'trace': {
      const { objectId, objectType } = found.trace;
      const page =
        PAGES[objectId.slice(0, 'pi_'.length)] ?? (objectType === 'merchant' ? '/merchants/' : undefined);
      return page === undefined ? '/audit' : `${page}${encodeURIComponent(objectId)}`;
    }
    default:
      return `${OTHERS[found.kind]}${encodeURIComponent(found.id)}`;
  }
}

export function renderSearch({ typed, found, most }: SearchView, language: Language): Page {
  const texts = homeTexts(language);
  const title =
    typed === '' ? texts.searchTitle : found.length === 0 ? texts.none(typed) : texts.found(typed);
  const groups: readonly Kind[] = ['payment', 'shop', 'other', 'trace'];
  const main = html`${searchForm(typed, language)}
${pageHead({ title })}
${groups.map((kind) => renderGroup(kind, found, language))}
${found.length >= most && hint(texts.most(most))}
${found.length === 0 && renderHelp(typed, language)}`;
  return { title, main };
}

function kindOf({ kind }: Found): Kind {
  return kind === 'payment' || kind === 'shop' || kind === 'trace' ? kind : 'other';
}

function renderGroup(kind: Kind, all: readonly Found[], language: Language): Html | undefined {
  const found = all.filter((each) => kindOf(each) === kind);
  const title = homeTexts(language).kinds[kind];
  const columns = columnsOf(kind, language).map((label) => ({ label }));
  return found.length === 0
    ? undefined
    : panel(
        title,
        table({ caption: title, columns, rows: found.map((each) => rowOf(each, language)), empty: '' }),
      );
}

function columnsOf(kind: Kind, language: Language): string[] {
  const texts = homeTexts(language);
  const payments = paymentsTexts(language);
  const columns: Readonly<Record<Kind, string[]>> = {
    payment: [
      payments.created,
      payments.order,
      payments.shopColumn,
      payments.amount,
      payments.status,
      texts.why,
    ],
    shop: [texts.shopName, texts.shopId, texts.object, texts.why],
    other: [texts.shopId, texts.object],
    trace: [texts.when, texts.what, texts.object, texts.source],
  };
  return columns[kind];
}

function rowOf(found: Found, language: Language): (Html | string)[] {
  const texts = homeTexts(language);
  const link = (label: Html | string) => html`<a href="${pathOf(found)}">${label}</a>`;
  switch (found.kind) {
    case 'payment': {
      const { payment, reason } = found;
      const { intent, timeZone } = payment;
      return [
        link(time(intent.createdAt, timeZone)),
        intent.merchantRefId,
        shopName(payment, language),
        money(intent.amount, intent.currency, language),
        paymentBadge(intent, language),
        texts.reasons[reason],
      ];
    }
    case 'shop': {
      const { merchantId, merchantName, storeId, storeName } = found.shop;
      const isStore = storeId !== undefined;
      return [
        link(storeName ?? merchantName),
        idText(storeId ?? merchantId),
        isStore ? html`${texts.store} <small class="faint">${merchantName}</small>` : texts.merchant,
        found.hasId ? texts.shopId : texts.shopName,
      ];
    }
    case 'trace': {
      const { at, what, objectId, source } = found.trace;
      return [link(time(at)), what, idText(objectId), texts.sources[source]];
    }
    default:
      return [link(idText(found.id)), texts.others[found.kind]];
  }
}

function renderHelp(typed: string, language: Language): Html {
  const texts = homeTexts(language);
  return html`${typed !== '' && hint(texts.noneHint)}
<dl class="search-help">${texts.help.map(([label = '', text = '']) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}</dl>`;
}
