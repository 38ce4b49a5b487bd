/**
 * How keys are shown in lists and facts.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { ApiKey, KeyState } from '../../../../services/operator/keys/list-keys.ts';
import { badge, type Tone, time } from '../../components/basics.ts';
import type { keyTexts } from '../../texts/gateway/keys.ts';
import type { Language } from '../../texts/language.ts';

type Texts = ReturnType<typeof keyTexts>;

const TONES: Readonly<Record<KeyState, Tone>> = {
  working: 'good',
  ending: 'waiting',
  expired: 'ended',
  revoked: 'ended',
};

export function stateBadge(state: KeyState, texts: Texts): Html {
  return badge(texts.states[state], TONES[state]);
}

export function ownerOf({ merchantId, upstream }: ApiKey, texts: Texts): Html | string {
  return merchantId === undefined
    ? `${texts.sync} · ${upstream ?? ''}`
    : html`<a href="/merchants/${encodeURIComponent(merchantId)}">${merchantId}</a>`;
}

export function scopesOf({ scopes }: ApiKey, texts: Texts, language: Language): string {
  return scopes.map((scope) => texts.scopeNames[scope]).join(language === 'ja' ? '、' : ', ');
}

/** How many stores or addresses a list shows before the others are only counted. */
const SHOWN = 3;

function someOf(list: readonly string[]): string {
  const rest = list.length - SHOWN;
  return `${list.slice(0, SHOWN).join(', ')}${rest > 0 ? ` +${rest}` : ''}`;
}

/** What narrows a key beyond its scopes, in a few words. */
export function limitsOf(key: ApiKey, texts: Texts, language: Language): Html | string {
  const { storeIds, allowedIps, maxRefundAmount } = key;
  const limits = [
    storeIds && { label: texts.stores, value: someOf(storeIds) },
    allowedIps && { label: texts.addresses, value: someOf(allowedIps) },
    maxRefundAmount !== undefined && {
      label: texts.maxRefund,
      value: maxRefundAmount.toLocaleString(language),
    },
  ].filter((limit) => limit !== undefined && limit !== false);
  return limits.length === 0
    ? '–'
    : html`<ul class="plain">${limits.map(({ label, value }) => html`<li><span class="faint">${label}</span> ${value}</li>`)}</ul>`;
}

export function endOf({ expiresAt }: ApiKey, texts: Texts): Html | string {
  return expiresAt ? time(expiresAt) : texts.never;
}
