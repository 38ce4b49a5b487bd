/**
 * The frame of every page of the console: head, navigation, search, and the operator's menu. The menus are popovers, which need no
 * script; on wide windows the navigation is a column.
 */
import { type Html, html } from '../../lib/html.ts';
import { assetPath } from './assets.ts';
import { icon } from './components/icons.ts';
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
  const isSignedIn = view.operatorName !== undefined;
  return html`<!doctype html>
<html lang="${view.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${texts.product}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${assetPath('css')}">
<script type="module" src="${assetPath('js')}"></script>
</head>
<body class="${width ?? 'normal'}${isSignedIn && ' signed-in'}${view.isSandbox && ' sandbox'}">
<a class="skip" href="#main">${texts.skip}</a>
${renderHeader(view)}
${isSignedIn && renderSections(view)}
<main id="main" tabindex="-1">${main}</main>
${!isSignedIn && html`<footer>${languageForm(view)}</footer>`}
</body>
</html>`.text;
}

/** The mark of the header, as a data URL, because the policy allows no other source for an icon that is not a file. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#d8002b"/><path d="M5 12.5v-8h3.7a2.5 2.5 0 0 1 0 5H5" fill="none" stroke="#fff" stroke-width="2"/></svg>',
)}`;

function renderHeader(view: LayoutView): Html {
  const texts = layoutTexts(view.language);
  const isSignedIn = view.operatorName !== undefined;
  return html`<header>
${isSignedIn && html`<button type="button" class="open-sections" popovertarget="sections" aria-label="${texts.sectionsLabel}">${icon('menu')}</button>`}
<a class="brand" href="/">${LOGO}<span>${texts.product}</span></a>
${isSignedIn && renderSearch(view)}
${view.isSandbox && html`<span class="test">${texts.testMode}</span>`}
${view.operatorName !== undefined && renderOperator(view, view.operatorName)}
</header>`;
}

const LOGO = html`<svg class="logo" viewBox="0 0 16 16" width="22" height="22" aria-hidden="true"><rect width="16" height="16" rx="4"/><path d="M5 12.5v-8h3.7a2.5 2.5 0 0 1 0 5H5"/></svg>`;

function renderSearch({ language, target }: LayoutView): Html {
  const texts = layoutTexts(language);
  const query = target.startsWith('/search?')
    ? new URLSearchParams(target.slice('/search?'.length)).get('q')
    : null;
  return html`<form class="search" role="search" action="/search">${icon('search')}<input type="search" name="q" value="${query ?? ''}" aria-label="${texts.search}" aria-keyshortcuts="/" placeholder="${texts.searchHint}" maxlength="200" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd></form>`;
}

function renderSections({ language, path, sections }: LayoutView): Html {
  const texts = layoutTexts(language);
  return html`<nav id="sections" popover aria-label="${texts.sectionsLabel}"><ul>${sections.map(
    (section, index) =>
      html`<li${section.group !== sections[index - 1]?.group && html` class="first"`}><a href="${section.path}"${path.startsWith(section.path) && html` aria-current="page"`}>${icon(section.id)}${texts.sections[section.id]}</a></li>`,
  )}</ul></nav>`;
}

function renderOperator(view: LayoutView, name: string): Html {
  const texts = layoutTexts(view.language);
  return html`<button type="button" class="open-operator" popovertarget="operator"><span class="initial" aria-hidden="true">${[...name][0]?.toUpperCase() ?? ''}</span><span class="name">${name}</span></button>
<div id="operator" popover class="menu"><p>${name}</p>
<a href="/account">${texts.account}</a>
${languageForm(view)}
<form method="post" action="/sign-out"><button class="link">${texts.signOut}</button></form></div>`;
}

function languageForm({ language, target }: LayoutView): Html {
  const other = language === 'ja' ? 'en' : 'ja';
  return html`<form method="post" action="/language">
<input type="hidden" name="to" value="${target}">
<button class="link" name="language" value="${other}" lang="${other}">${layoutTexts(other).ownName}</button></form>`;
}
