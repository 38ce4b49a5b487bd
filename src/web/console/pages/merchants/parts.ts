/**
 * The tables of a merchant: its stores with their accounts, and its changes.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type {
  MerchantDetails,
  ShownChange,
  ShownStore,
} from '../../../../services/operator/merchants/show-merchant.ts';
import { badge, idText, panel, time } from '../../components/basics.ts';
import { table } from '../../components/table.ts';
import type { merchantTexts } from '../../texts/gateway/merchants.ts';
import { pathWith } from '../paths.ts';

type Texts = ReturnType<typeof merchantTexts>;

export function renderStores({ merchant, stores }: MerchantDetails, texts: Texts): Html {
  return panel(
    texts.stores,
    html`${table({
      caption: texts.storesCaption,
      columns: [
        { label: texts.id },
        { label: texts.name },
        { label: texts.timeZone },
        { label: texts.account },
        { label: texts.payments },
      ],
      rows: stores.rows.map((store) => [
        idText(store.id),
        store.name,
        store.timeZone,
        renderAccounts(store, texts),
        html`<a href="${pathWith('/payments', { merchant: merchant.id, store: store.id })}">${texts.payments}</a>`,
      ]),
      empty: texts.storesNone,
    })}<p class="hint">${texts.fingerprintHint}</p>`,
  );
}

function renderAccounts({ accounts }: ShownStore, texts: Texts): Html {
  if (accounts.length === 0) {
    return badge(texts.noAccount, 'bad');
  }
  return html`<ul class="plain">${accounts.map(
    ({ provider, isActive, fingerprint, updatedAt }) => html`<li>${provider}
${badge(isActive ? texts.active : texts.inactive, isActive ? 'good' : 'ended')}
<span class="faint">${texts.fingerprint} <code>${fingerprint}</code> · ${texts.since} ${time(updatedAt)}</span></li>`,
  )}</ul>`;
}

export function renderChanges(changes: readonly ShownChange[], texts: Texts): Html {
  return table({
    caption: texts.changesCaption,
    columns: [
      { label: texts.when },
      { label: texts.what },
      { label: texts.before },
      { label: texts.after },
      { label: texts.who },
    ],
    rows: changes.map((change) => [
      time(change.createdAt),
      html`${texts.fields[change.field] ?? change.field}${
        change.storeId !== undefined &&
        html` <span class="faint">${[change.provider, change.storeId].filter((part) => part !== undefined).join(' · ')}</span>`
      }`,
      shownValue(change, change.before, texts),
      shownValue(change, change.after, texts),
      change.upstream,
    ]),
    empty: texts.changesNone,
  });
}

/** Of an account only the beginning of its fingerprint. */
function shownValue({ field }: ShownChange, value: string | undefined, texts: Texts): Html | string {
  if (value === undefined) {
    return '–';
  }
  if (field === 'is_active') {
    return value === 'true' ? texts.active : texts.inactive;
  }
  return field === 'credentials' ? html`<code>${value.slice(0, 8)}</code>` : value;
}
