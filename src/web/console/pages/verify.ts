/**
 * The page on which operators prove again who they are. It keeps the fields of the interrupted form.
 */
import { html } from '../../../lib/html.ts';
import type { Page } from '../layout.ts';
import type { Language } from '../texts/language.ts';
import { signInTexts } from '../texts/sign-in.ts';

export interface VerifyView {
  /** Where the form goes when the operator has proved it. */
  readonly action: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export function renderVerifyPage({ action, fields }: VerifyView, language: Language): Page {
  const texts = signInTexts(language);
  const main = html`<h1>${texts.verifyTitle}</h1>
<form method="post" action="${action}" data-verify>${fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<button>${texts.verify}</button></form>`;
  return { title: texts.verifyTitle, main, width: 'narrow' };
}
