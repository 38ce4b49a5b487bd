/**
 * The page of the link that a start with the sandbox prints: a button that signs in as the demo operator.
 */
import { html } from '../../../../lib/html.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { signInTexts } from '../../texts/sign-in.ts';

/** The command of the manual, for access that lasts. */
const INVITE = 'npm run --silent pgw -- operators invite --role admin';

export function renderDemoPage(token: string, language: Language): Page {
  const texts = signInTexts(language);
  const main = html`<h1>${texts.demoTitle}</h1>
<p>${texts.demoIntro}</p>
<form method="post" action="/demo/${token}"><button class="primary">${texts.demoButton}</button></form>`;
  return { title: texts.demoTitle, main, width: 'narrow' };
}

export function renderDemoOverPage(language: Language): Page {
  const texts = signInTexts(language);
  const main = html`<h1>${texts.demoOver}</h1>
<p>${texts.demoOverAdvice}</p>
<p><code class="id">${INVITE}</code></p>
<p><a href="/sign-in">${texts.back}</a></p>`;
  return { title: texts.demoOver, main, width: 'narrow' };
}
