/**
 * Texts with a button that copies them. Without script there is no button.
 */
import { type Html, html } from '../../../lib/html.ts';
import { componentTexts } from '../texts/components.ts';
import type { Language } from '../texts/language.ts';
import { icon } from './icons.ts';

/** An id with a button beside it. */
export function copyId(id: string, language: Language): Html {
  return html`<span class="copyable"><code class="id">${id}</code>${copyButton(id, language, 'icon-only')}</span>`;
}

export interface SecretView {
  readonly label: string;
  readonly secret: string;
  /** That it is shown only now, and what it is for. */
  readonly explanation: string;
}

/** A secret or a one-time link, which is shown on this page and never again. */
export function secretOnce({ label, secret, explanation }: SecretView, language: Language): Html {
  return html`<div class="secret"><h3>${label}</h3><p>${explanation}</p>
<div class="secret-line"><code>${secret}</code>${copyButton(secret, language, 'worded')}</div></div>`;
}

function copyButton(text: string, language: Language, kind: 'icon-only' | 'worded'): Html {
  const { copy, copied } = componentTexts(language);
  return html`<button type="button" class="copy ${kind}" data-copy="${text}" data-copied="${copied}" title="${copy}">${icon('copy')}<span${kind === 'icon-only' && html` class="hidden"`} aria-live="polite">${copy}</span></button>`;
}
