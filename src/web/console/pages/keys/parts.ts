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

/** How many are shown before the others are only counted. */
const SHOWN = 3;

export function someOf(list: readonly string[] | undefined, none: string): string {
  if (list === undefined) {
    return none;
  }
  const rest = list.length - SHOWN;
  return `${list.slice(0, SHOWN).join(', ')}${rest > 0 ? ` +${rest}` : ''}`;
}

export function endOf({ expiresAt }: ApiKey, texts: Texts): Html | string {
  return expiresAt ? time(expiresAt) : texts.never;
}
