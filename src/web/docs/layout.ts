/**
 * The frame of every page of the documentation: head, top bar, navigation, search, footer. It needs no script, except for
 * the search: on a phone the navigation is a popover that a button opens, on a desktop it is a column beside the text.
 */
import { type Html, html } from '../../lib/html.ts';
import { pathIn, placeLinks, type Sections } from './links.ts';
import { LANGUAGES, type Language, TEXTS, type Texts } from './texts.ts';

export interface Frame {
  /** The language of the frame. */
  readonly language: Language;
  /** The page of each section of the API reference. */
  readonly sections: Sections;
  /** Addresses of the style sheet, the scripts and the icon. */
  readonly assets: Readonly<Record<'style' | 'early' | 'script' | 'search' | 'icon', string>>;
  /** What the search loads when it is first used. */
  readonly searchFiles: { readonly library: string; readonly index: string };
  readonly version: string;
  navigation(path: string): Html;
}

export interface PageText {
  /** The path of the English page. */
  readonly path: string;
  readonly title: string;
  /** For search engines and link previews. */
  readonly description: string;
  readonly content: Html;
  readonly language: Language;
  /** The class of the body, for the style sheet. */
  readonly kind: 'landing' | 'guide' | 'reference';
}

export function renderPage(frame: Frame, page: PageText): string {
  const { language, assets } = frame;
  const texts = TEXTS[language];
  const { text } = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${page.description}">
<title>${page.title} · mpac-pgw</title>
${LANGUAGES.map(
  (each) => html`<link rel="alternate" hreflang="${each}" href="${pathIn(each, page.path)}">
`,
)}<link rel="icon" href="${assets.icon}">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.early}"></script>
<script src="${assets.script}" defer></script>
<script src="${assets.search}" type="module"></script>
</head>
<body class="${page.kind}" data-copy="${texts.copy}" data-copied="${texts.copied}" data-code-language="${texts.codeLanguage}">
<a class="skip" href="#content">${texts.skip}</a>
${renderTopBar(language, page.path)}
<div class="frame">
<nav id="menu" popover aria-label="${texts.documentation}">
${frame.navigation(page.path)}</nav>
<main id="content" tabindex="-1">
${renderContent(language, page)}
<footer><p>mpac-pgw ${frame.version}. ${texts.contract} <a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a></p></footer>
</main>
</div>
${renderSearch(texts, frame.searchFiles)}
</body>
</html>
`;
  return placeLinks(text, language, frame.sections);
}

function renderTopBar(language: Language, path: string): Html {
  const { documentation, reference, search, menu } = TEXTS[language];
  return html`<header class="top">
<a class="brand" href="/docs">mpac-pgw <span>${documentation}</span></a>
<a class="to-reference" href="/docs/reference">${reference}</a>
<button type="button" class="search-button" aria-haspopup="dialog" hidden><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.5"></circle><path d="m10.5 10.5 4 4"></path></svg><span>${search}</span><kbd>/</kbd></button>
${LANGUAGES.filter((other) => other !== language).map(
  (other) =>
    html`<a class="to-language" hreflang="${other}" lang="${other}" href="${pathIn(other, path)}">${TEXTS[other].name}</a>
`,
)}<button type="button" class="menu-button" popovertarget="menu">${menu}</button>
</header>`;
}

/** The reference is in English in every language, and says so. */
function renderContent(language: Language, page: PageText): Html {
  if (page.language === language) {
    return page.content;
  }
  return html`<p class="foreign">${TEXTS[language].referenceLanguage}</p>
<div lang="${page.language}">${page.content}</div>`;
}

/** A dialog that the script opens and fills. */
function renderSearch(texts: Texts, files: Frame['searchFiles']): Html {
  return html`<dialog id="search" aria-label="${texts.searchFor}" data-library="${files.library}" data-index="${files.index}" data-count="${texts.resultCount}" data-none="${texts.noResult}" data-failed="${texts.searchFailed}" data-guide="${texts.results.guide}" data-operation="${texts.results.operation}" data-section="${texts.results.section}">
<form role="search" method="dialog"><input type="text" inputmode="search" enterkeyhint="search" aria-label="${texts.searchFor}" placeholder="${texts.searchFor}" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="100"><button type="submit" class="search-close">${texts.close}</button></form>
<p class="search-status" role="status"></p>
<div class="search-results"></div>
<p class="search-keys">${texts.searchKeys}</p>
</dialog>`;
}
