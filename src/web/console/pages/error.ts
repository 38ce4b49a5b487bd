/**
 * The page of a request that was refused or failed.
 */
import { html } from '../../../lib/html.ts';
import { type LayoutView, renderPage } from '../layout.ts';
import { errorTexts } from '../texts/errors.ts';

export interface ErrorView {
  readonly status: number;
  readonly kind: keyof ReturnType<typeof errorTexts>['titles'];
  /** What a service says, in English. */
  readonly message?: string | undefined;
  readonly requestId: string;
}

export function renderErrorPage({ kind, message, requestId }: ErrorView, layout: LayoutView): string {
  const texts = errorTexts(layout.language);
  const main = html`<h1>${texts.titles[kind]}</h1>
<p>${message ?? texts.advice[kind]}</p>
<p><a href="/">${texts.home}</a></p>
<p class="faint">${texts.request} <code>${requestId}</code></p>`;
  return renderPage({ title: texts.titles[kind], main, width: 'narrow' }, layout);
}
