/**
 * One API key with its acts, and the page that shows a new secret once.
 */
import { type Html, html } from '../../../../lib/html.ts';
import { type ApiKey, keyStateOf } from '../../../../services/operator/keys/list-keys.ts';
import { type Fact, facts, panel, time } from '../../components/basics.ts';
import { copyId, secretOnce } from '../../components/copy.ts';
import { type ActView, actForm } from '../../components/forms.ts';
import { columns, notice, pageHead } from '../../components/page.ts';
import type { Page } from '../../layout.ts';
import { keyTexts } from '../../texts/gateway/keys.ts';
import type { Language } from '../../texts/language.ts';
import { type KeyFields, renderKeyFields } from './fields.ts';
import { endOf, ownerOf, scopesOf, stateBadge } from './parts.ts';

export interface KeyView {
  readonly key: ApiKey;
  readonly now: Date;
  readonly fields: KeyFields;
  readonly mayChange: boolean;
  readonly ownStores: readonly string[] | undefined;
  readonly done: keyof ReturnType<typeof keyTexts>['done'] | undefined;
  readonly refused:
    | (NonNullable<ActView['refused']> & { readonly act: 'update' | 'rotate' | 'revoke' })
    | undefined;
}

type Texts = ReturnType<typeof keyTexts>;

export function renderKey(view: KeyView, language: Language): Page {
  const texts = keyTexts(language);
  const { key, now, done } = view;
  const state = keyStateOf(key, now);
  const isWorking = state === 'working' || state === 'ending';
  const title = key.label ?? key.apiKey;
  const shown = panel(texts.settings, facts(factsOf(key, texts, language)));
  const main = html`${pageHead({
    title,
    parent: { label: texts.title, href: '/keys' },
    badge: stateBadge(state, texts),
    below: copyId(key.apiKey, language),
  })}
${done && notice(texts.done[done])}
${view.mayChange && isWorking ? columns(shown, renderActs(view, texts, language)) : shown}`;
  return { title, main };
}

function factsOf(key: ApiKey, texts: Texts, language: Language): readonly Fact[] {
  const { storeIds, allowedIps, maxRefundAmount, lastUsedAt, revokedAt, createdAt } = key;
  const refund = maxRefundAmount?.toLocaleString(language) ?? texts.noMaximum;
  const ofMerchant = [
    { label: texts.stores, value: storeIds?.join(', ') ?? texts.allStores },
    { label: texts.maxRefund, value: refund },
  ];
  return [
    { label: texts.merchant, value: ownerOf(key, texts) },
    { label: texts.label, value: key.label ?? '–' },
    { label: texts.scopes, value: scopesOf(key, texts, language) },
    ...(key.merchantId === undefined ? [] : ofMerchant),
    { label: texts.addresses, value: allowedIps?.join(', ') ?? texts.anyAddress },
    { label: texts.end, value: endOf(key, texts) },
    ...(revokedAt ? [{ label: texts.revoked, value: time(revokedAt) }] : []),
    { label: texts.lastUsed, value: lastUsedAt ? time(lastUsedAt) : texts.notUsed },
    { label: texts.created, value: time(createdAt) },
  ];
}

function renderActs({ key, fields, ownStores, refused }: KeyView, texts: Texts, language: Language): Html {
  const act = (name: 'update' | 'rotate' | 'revoke', view: Omit<ActView, 'refused'>) =>
    actForm({ ...view, refused: refused?.act === name ? refused : undefined }, language);
  const path = `/keys/${key.apiKey}`;
  const isSync = key.merchantId === undefined;
  return html`${act('update', {
    action: path,
    title: texts.update,
    explanation: texts.updateExplanation,
    fields: html`<div class="key-fields">${renderKeyFields({ fields, isSync, ownStores }, texts)}</div>`,
  })}
${act('rotate', { action: `${path}/rotate`, title: texts.rotate, explanation: texts.rotateExplanation })}
${act('revoke', { action: `${path}/revoke`, title: texts.revoke, explanation: texts.revokeExplanation, isGrave: true })}`;
}

export interface SecretView {
  readonly key: ApiKey;
  readonly secretKey: string;
  /** Of the key that was replaced. */
  readonly oldExpiresAt: Date | undefined;
}

/** The only page with the secret. */
export function renderSecret({ key, secretKey, oldExpiresAt }: SecretView, language: Language): Page {
  const texts = keyTexts(language);
  const title = oldExpiresAt ? texts.rotatedTitle : texts.createdTitle;
  const main = html`${pageHead({ title, parent: { label: texts.title, href: '/keys' }, below: key.label })}
${facts([
  { label: texts.key, value: copyId(key.apiKey, language) },
  { label: texts.merchant, value: ownerOf(key, texts) },
  ...(oldExpiresAt ? [{ label: texts.oldUntil, value: time(oldExpiresAt) }] : []),
])}
${secretOnce({ label: texts.secret, secret: secretKey, explanation: texts.secretOnce }, language)}
<p><a href="/keys/${key.apiKey}">${texts.toKey}</a></p>`;
  return { title, main };
}
