/**
 * The page on which operators prove again who they are, and the one on which they continue after doing so at their identity provider.
 * Both keep the fields of the interrupted form.
 */
import { type Html, html } from '../../../lib/html.ts';
import type { Page } from '../layout.ts';
import type { Language } from '../texts/language.ts';
import { signInTexts } from '../texts/sign-in.ts';
import { problemLine, problemTexts } from './sign-in/ceremony.ts';

export interface KeptForm {
  /** Where the form goes when the operator has proved it. */
  readonly action: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface VerifyView {
  readonly form: KeptForm;
  readonly hasPasskey: boolean;
  /** Whether the operator can prove it at an identity provider. */
  readonly hasOidc: boolean;
}

export function renderVerifyPage({ form, hasPasskey, hasOidc }: VerifyView, language: Language): Page {
  const texts = signInTexts(language);
  const passkey = html`<form method="post" action="${form.action}" data-verify${problemTexts(language)}>${hidden(form)}
<button class="primary">${texts.verify}</button>
<noscript><p class="problem">${texts.needsScript}</p></noscript>
${problemLine()}</form>`;
  const kept = new URLSearchParams(
    form.fields.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  const oidc = html`<form method="post" action="/verify/oidc"><input type="hidden" name="action" value="${form.action}"><input type="hidden" name="fields" value="${kept}"><button${hasPasskey && html` class="plain"`}>${texts.verifyOidc}</button></form>`;
  const main = html`<h1>${texts.verifyTitle}</h1>
<p>${texts.verifyIntro}</p>
${hasPasskey && passkey}
${hasOidc && oidc}
<p><a href="/">${texts.cancel}</a></p>`;
  return { title: texts.verifyTitle, main, width: 'narrow' };
}

/** After the identity provider has confirmed it. */
export function renderProceedPage(form: KeptForm, language: Language): Page {
  const texts = signInTexts(language);
  const main = html`<h1>${texts.verifyTitle}</h1>
<p>${texts.verifiedIntro}</p>
<form method="post" action="${form.action}">${hidden(form)}<button class="primary">${texts.proceed}</button></form>
<p><a href="/">${texts.cancel}</a></p>`;
  return { title: texts.verifyTitle, main, width: 'narrow' };
}

function hidden({ fields }: KeptForm): Html[] {
  return fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}
