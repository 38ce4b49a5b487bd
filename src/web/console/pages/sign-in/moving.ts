/**
 * Pages that only lead on: to the identity provider, and from a link on another site to the page itself.
 */
import { html } from '../../../../lib/html.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { signInTexts } from '../../texts/sign-in.ts';

export function renderLeavingPage(url: string, language: Language): Page {
  const { leaving, proceed } = signInTexts(language);
  return leadOn(leaving, proceed, url);
}

/** @param target path and query of the console */
export function renderArrivingPage(target: string, language: Language): Page {
  const { continuing, proceed } = signInTexts(language);
  return leadOn(continuing, proceed, target);
}

function leadOn(title: string, link: string, href: string): Page {
  const main = html`<h1>${title}</h1><p><a href="${href}">${link}</a></p>`;
  return { title, main, width: 'narrow' };
}
