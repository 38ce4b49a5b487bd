/**
 * The HTML document around every page for the payer: head, language switch, and the live regions in which the script
 * announces changes. Scripts and styles are separate files, because the Content-Security-Policy forbids inline ones.
 */
import { Html, html } from '../../lib/html.ts';
import { assetPath } from './assets.ts';
import { breakable, breakableText, plain } from './phrases.ts';
import type { Language, Texts } from './texts/types.ts';
import { TEXTS } from './texts.ts';

export interface Layout {
  readonly language: Language;
  readonly display: 'till' | undefined;
  readonly title: string;
  /** The address of this page in a language. */
  readonly linkTo: (language: Language) => string;
  readonly refreshSeconds?: number | undefined;
  readonly style?: string | undefined;
  readonly isSandbox?: boolean;
  readonly head: Html | undefined;
  readonly foot: Html | undefined;
  readonly main: Html;
}

export function renderLayout(layout: Layout): string {
  const { language, display, title, refreshSeconds, style, isSandbox, head, foot, main } = layout;
  const texts = TEXTS[language];
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${plain(title)}</title>
<link rel="stylesheet" href="${assetPath('css')}">
${style !== undefined && html`<style>${new Html(style)}</style>`}
<link rel="icon" href="data:,">
<script type="module" src="${assetPath('js')}"></script>
${refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`}
</head>
<body class="${display ?? 'page'}" data-lost="${breakableText(texts.connectionLost)}" data-back="${breakableText(texts.connectionBack)}">
<p id="connection" role="status"></p>
<p id="announcement" class="visually-hidden" role="status"></p>
<aside id="test" aria-label="${texts.sandbox}">${isSandbox && html`<strong>${texts.sandbox}</strong> ${breakable(texts.sandboxHint)}`}</aside>
${display !== 'till' && html`<header>${head}${renderLanguages(layout, texts)}</header>`}
${main}
${display !== 'till' && html`<footer>${foot}</footer>`}
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

/** For the staff beside a till's display. */
export function renderAdvice(advice: string, { till }: Texts): Html {
  return html`<p class="advice"><strong>${till.staff}</strong> ${breakable(advice)}</p>`;
}
