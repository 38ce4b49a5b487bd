/**
 * The frame of every page of the console: head, navigation, search, and the language.
 */
import { type Html, html } from '../../lib/html.ts';
import { assetPath } from './assets.ts';
import type { Section } from './sections.ts';
import type { Language } from './texts/language.ts';
import { layoutTexts } from './texts/layout.ts';

export interface LayoutView {
  readonly language: Language;
  /** Of the request, without its query. */
  readonly path: string;
  /** Path and query, to come back to. */
  readonly target: string;
  readonly isSandbox: boolean;
  /** Undefined: nobody is signed in. */
  readonly operatorName: string | undefined;
  /** Those that the operator may use. */
  readonly sections: readonly Section[];
}

export interface Page {
  readonly title: string;
  readonly main: Html;
  /** Of another width than most pages: `narrow` for signing in. */
  readonly width?: 'narrow' | 'wide';
}

export function renderPage({ title, main, width }: Page, view: LayoutView): string {
  const texts = layoutTexts(view.language);
  return html`<!doctype html>
<html lang="${view.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${texts.product}</title>
<link rel="stylesheet" href="${assetPath('css')}">
<script type="module" src="${assetPath('js')}"></script>
</head>
<body class="${width ?? 'normal'}">
<a class="skip" href="#main">${texts.skip}</a>
${renderHeader(view)}
<main id="main" tabindex="-1">${main}</main>
${renderFooter(view)}
</body>
</html>`.text;
}

function renderHeader(view: LayoutView): Html {
  const texts = layoutTexts(view.language);
  return html`<header>
<a class="brand" href="/">${texts.product}</a>
${view.isSandbox && html`<span class="test">${texts.testMode}</span>`}
${
  view.operatorName !== undefined &&
  html`<form role="search" action="/search"><input type="search" name="q" aria-label="${texts.search}" placeholder="${texts.searchHint}" maxlength="200"></form>
<nav aria-label="${texts.sectionsLabel}"><ul>${view.sections.map(
    ({ id, path }) =>
      html`<li><a href="${path}"${view.path.startsWith(path) && html` aria-current="page"`}>${texts.sections[id]}</a></li>`,
  )}</ul></nav>
<div class="operator"><a href="/account">${view.operatorName}</a>
<form method="post" action="/sign-out"><button class="link">${texts.signOut}</button></form></div>`
}
</header>`;
}

function renderFooter({ language, target }: LayoutView): Html {
  const other = language === 'ja' ? 'en' : 'ja';
  const texts = layoutTexts(other);
  return html`<footer><form method="post" action="/language">
<input type="hidden" name="to" value="${target}">
<button class="link" name="language" value="${other}" lang="${other}">${texts.ownName}</button></form></footer>`;
}
