/**
 * The HTML document around every page for the payer: head, language switch, and the live regions in which the script
 * announces changes. Scripts and styles are separate files, because the Content-Security-Policy forbids inline ones.
 */
import { type Html, html } from '../../lib/html.ts';
import { assetPath } from './assets.ts';
import type { Language, Texts } from './texts/types.ts';
import { TEXTS } from './texts.ts';

export interface Layout {
  readonly language: Language;
  readonly display: 'till' | undefined;
  readonly title: string;
  /** The address of this page in a language. */
  readonly linkTo: (language: Language) => string;
  readonly refreshSeconds?: number | undefined;
  readonly head: Html | undefined;
  readonly foot: Html | undefined;
  readonly main: Html;
}

export function renderLayout(layout: Layout): string {
  const { language, display, title, refreshSeconds, head, foot, main } = layout;
  const texts = TEXTS[language];
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${assetPath('css')}">
<link rel="icon" href="data:,">
<script type="module" src="${assetPath('js')}"></script>
${refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`}
</head>
<body class="${display ?? 'page'}" data-lost="${texts.connectionLost}" data-back="${texts.connectionBack}">
<p id="connection" role="status"></p>
<p id="announcement" class="visually-hidden" role="status"></p>
${display !== 'till' && html`<header>${head}${renderLanguages(layout, texts)}</header>`}
${main}
${display !== 'till' && foot !== undefined && html`<footer>${foot}</footer>`}
</body>
</html>
`.text;
}

function renderLanguages({ language, linkTo }: Layout, texts: Texts): Html {
  const links = (Object.keys(TEXTS) as Language[]).map((other) =>
    other === language
      ? html`<li><span aria-current="true">${TEXTS[other].name}</span></li>`
      : html`<li><a href="${linkTo(other)}" lang="${other}" hreflang="${other}">${TEXTS[other].name}</a></li>`,
  );
  return html`<nav aria-label="${texts.languages}"><ul>${links}</ul></nav>`;
}
