/**
 * One merchant: settings, stores with their accounts, and history.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { MerchantDetails } from '../../../../services/operator/merchants/show-merchant.ts';
import { type Fact, facts, panel, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { type ActView, actForm, input } from '../../components/forms.ts';
import { columns, hint, notice, pageHead } from '../../components/page.ts';
import { pager } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { merchantTexts } from '../../texts/gateway/merchants.ts';
import type { Language } from '../../texts/language.ts';
import { pathWith } from '../paths.ts';
import { renderChanges, renderStores } from './parts.ts';

export interface MerchantView extends MerchantDetails {
  readonly isFirstStores: boolean;
  /** What the operator may see and do. */
  readonly may: {
    readonly keys: boolean;
    readonly endpoints: boolean;
    readonly limit: boolean;
    readonly audit: boolean;
  };
  readonly done: keyof ReturnType<typeof merchantTexts>['done'] | undefined;
  readonly refused: (NonNullable<ActView['refused']> & { readonly perMinute: string }) | undefined;
}

type Texts = ReturnType<typeof merchantTexts>;

export function renderMerchant(view: MerchantView, language: Language): Page {
  const texts = merchantTexts(language);
  const { merchant, isWhole, done, changes } = view;
  const main = html`${pageHead({
    title: merchant.name,
    parent: { label: texts.title, href: '/merchants' },
    below: copyId(merchant.id, language),
    side: renderLinks(view, texts),
  })}
${done && notice(texts.done[done])}
${!isWhole && hint(texts.partly)}
${columns(
  panel(
    texts.settings,
    html`${facts(settingsOf(view, texts, language))}${renderLimitForm(view, texts, language)}`,
  ),
  panel(texts.branding, facts(brandingOf(view, texts))),
)}
${renderStores(view, texts)}
${renderStorePager(view, texts)}
${panel(texts.changes, renderChanges(changes, texts))}`;
  return { title: merchant.name, main };
}

function renderLinks({ merchant, may }: MerchantView, texts: Texts): Html {
  const links = [
    { path: '/payments', label: texts.payments, isShown: true },
    { path: '/refunds', label: texts.refunds, isShown: true },
    { path: '/keys', label: texts.keys, isShown: may.keys },
    { path: '/endpoints', label: texts.endpoints, isShown: may.endpoints },
    { path: '/audit', label: texts.actsAll, isShown: may.audit },
  ];
  return html`<ul class="links">${links
    .filter(({ isShown }) => isShown)
    .map(
      ({ path, label }) => html`<li><a href="${pathWith(path, { merchant: merchant.id })}">${label}</a></li>`,
    )}</ul>`;
}

function settingsOf({ merchant }: MerchantView, texts: Texts, language: Language): readonly Fact[] {
  const { requestsPerMinute } = merchant;
  const count = new Intl.NumberFormat(language).format(requestsPerMinute ?? 0);
  const limited = requestsPerMinute === 0 ? texts.limitOff : texts.perMinute(count);
  return [
    { label: texts.upstream, value: merchant.upstream },
    { label: texts.limit, value: requestsPerMinute === undefined ? texts.limitDefault : limited },
    { label: texts.created, value: time(merchant.createdAt) },
    { label: texts.updated, value: time(merchant.updatedAt) },
  ];
}

function renderLimitForm({ merchant, may, refused }: MerchantView, texts: Texts, language: Language) {
  return (
    may.limit &&
    actForm(
      {
        action: `/merchants/${encodeURIComponent(merchant.id)}/limit`,
        title: texts.setLimit,
        fields: input({
          name: 'per_minute',
          label: texts.limitLabel,
          hint: texts.limitHint,
          value: refused?.perMinute ?? merchant.requestsPerMinute?.toString(),
          inputMode: 'numeric',
          maxLength: 9,
        }),
        refused,
      },
      language,
    )
  );
}

function brandingOf({ merchant }: MerchantView, texts: Texts): readonly Fact[] {
  const contacts = [merchant.supportPhone, merchant.supportEmail].filter((contact) => contact !== undefined);
  return [
    { label: texts.displayName, value: merchant.displayName ?? texts.notSet },
    { label: texts.logo, value: renderLogo(merchant, texts) },
    { label: texts.accent, value: merchant.accentColor ?? texts.notSet },
    { label: texts.support, value: contacts.join(' · ') || texts.notSet },
    { label: texts.frames, value: merchant.frameAncestors.join(', ') || texts.logoNone },
  ];
}

/** The gateway's own copy, inside the page: it is small, and the console serves no files of merchants. */
function renderLogo({ logo, logoUrl, logoProblem }: MerchantView['merchant'], texts: Texts): Html | string {
  if (logo) {
    return html`<img class="logo" alt="${texts.logoAlt}" src="data:${logo.type};base64,${logo.content.toString('base64')}">`;
  }
  return logoUrl === undefined
    ? texts.logoNone
    : html`${texts.logoWaiting}${logoProblem !== undefined && html` <small>${logoProblem}</small>`}`;
}

function renderStorePager({ merchant, stores, isFirstStores }: MerchantView, texts: Texts) {
  const path = `/merchants/${encodeURIComponent(merchant.id)}`;
  return pager({
    label: texts.pages,
    first: isFirstStores ? undefined : { label: texts.first, href: path },
    next:
      stores.next === undefined
        ? undefined
        : { label: texts.next, href: pathWith(path, { stores: stores.next }) },
  });
}
