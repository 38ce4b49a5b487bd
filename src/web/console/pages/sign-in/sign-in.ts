/**
 * The sign-in page, and the page that leads there when a sign-in has failed.
 */
import { html } from '../../../../lib/html.ts';
import { problem } from '../../components/page.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { signInTexts } from '../../texts/sign-in.ts';
import { ceremonyForm } from './ceremony.ts';

export interface SignInView {
  /** Where the operator wanted to go. */
  readonly to: string;
  readonly hasOidc: boolean;
  /** Whether a form led here, sent after the session had ended. */
  readonly wasFormLost: boolean;
}

export function renderSignInPage({ to, hasOidc, wasFormLost }: SignInView, language: Language): Page {
  const texts = signInTexts(language);
  const passkey = ceremonyForm(
    { kind: 'get', optionsPath: '/sign-in/options', resultPath: '/sign-in', label: texts.signIn, to },
    language,
  );
  const main = html`<h1>${texts.title}</h1>
${wasFormLost && problem(texts.formLost)}
<p>${texts.intro}</p>
${passkey}
${
  hasOidc &&
  html`<p class="or">${texts.or}</p>
<form method="post" action="/sign-in/oidc"><input type="hidden" name="to" value="${to}"><button class="plain">${texts.oidc}</button></form>`
}
<p class="faint">${texts.noAccount}</p>`;
  return { title: texts.title, main, width: 'narrow' };
}

export function renderOidcProblemPage(
  problem: 'oidcFailed' | 'oidcUnknown' | 'oidcAway',
  language: Language,
): Page {
  const texts = signInTexts(language);
  const main = html`<h1>${texts[problem]}</h1>
<p>${texts[`${problem}Advice`]}</p>
<p><a href="/sign-in">${texts.back}</a></p>`;
  return { title: texts[problem], main, width: 'narrow' };
}
