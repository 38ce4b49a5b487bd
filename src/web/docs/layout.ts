/**
 * The frame of every page of the documentation: head, top bar, navigation, footer. It needs no script: on a phone the
 * navigation is a popover that a button opens, on a desktop it is a column beside the text.
 */
import { type Html, html } from '../../lib/html.ts';

export interface NavLink {
  readonly href: string;
  readonly text: Html | string;
}

export interface NavGroup {
  readonly title: string;
  readonly links: readonly NavLink[];
}

export interface Frame {
  readonly nav: readonly NavGroup[];
  /** Paths of the style sheet, the script and the icon. */
  readonly assets: { readonly style: string; readonly script: string; readonly icon: string };
  readonly version: string;
}

export interface PageText {
  /** The page's own path, which is marked in the navigation. */
  readonly path: string;
  readonly title: string;
  /** For search engines and link previews. */
  readonly description: string;
  readonly content: Html;
  /** The class of the body, for the style sheet. */
  readonly kind: 'landing' | 'guide' | 'reference';
}

export function renderPage({ nav, assets, version }: Frame, page: PageText): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${page.description}">
<title>${page.title} · mpac-pgw</title>
<link rel="icon" href="${assets.icon}">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.script}" defer></script>
</head>
<body class="${page.kind}">
<a class="skip" href="#content">Skip to content</a>
<header class="top">
<a class="brand" href="/docs">mpac-pgw <span>docs</span></a>
<a class="to-reference" href="/docs/reference">API reference</a>
<button type="button" class="menu-button" popovertarget="menu">Menu</button>
</header>
<div class="frame">
<nav id="menu" popover aria-label="Documentation">
${nav.map((group) => renderGroup(group, page.path))}</nav>
<main id="content" tabindex="-1">
${page.content}
<footer><p>mpac-pgw ${version}. OpenAPI document: <a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a>.</p></footer>
</main>
</div>
</body>
</html>
`.text;
}

function renderGroup({ title, links }: NavGroup, path: string): Html {
  return html`<p class="group">${title}</p>
<ul>
${links.map(
  ({ href, text }) =>
    html`<li><a href="${href}"${href === path && html` aria-current="page"`}>${text}</a></li>
`,
)}</ul>
`;
}
