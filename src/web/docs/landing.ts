/**
 * The first page of the documentation, and the page for an address that does not exist.
 */
import { type Html, html } from '../../lib/html.ts';
import type { Guide } from './guides.ts';
import type { PageText } from './layout.ts';
import type { ReferencePage } from './reference/page.ts';
import { type Language, TEXTS } from './texts.ts';

export function landingPage(
  language: Language,
  guides: readonly Guide[],
  reference: readonly ReferencePage[],
): PageText {
  const { landing, guides: guidesTitle, reference: referenceTitle } = TEXTS[language];
  const groups = reference.filter(({ operations }) => operations.length > 0);
  return {
    path: '/docs',
    title: landing.title,
    description: landing.description,
    kind: 'landing',
    language,
    content: html`<div class="hero"><h1>${landing.heading}</h1>
<p>${landing.text}</p>
<p class="actions"><a class="button" href="/docs/first-payment">${landing.start}</a> <a class="button quiet" href="/docs/reference">${referenceTitle}</a></p></div>
<h2>${guidesTitle}</h2>
<ul class="cards">
${guides.map(({ path, title, summary }) => card(path, html`${title}`, html`${summary}`))}</ul>
<h2>${referenceTitle}</h2>
<ul class="cards">
${groups.map(({ path, title, description, operations }) =>
  card(
    path,
    html`<span lang="en">${title}</span>`,
    html`<span lang="en">${description}</span> <span class="count">${landing.operations(operations.length)}</span>`,
  ),
)}</ul>`,
  };
}

function card(href: string, title: Html, text: Html): Html {
  return html`<li><a href="${href}"><strong>${title}</strong><span>${text}</span></a></li>
`;
}

/** Its path is that of the first page, for the language switch. */
export function notFoundPage(language: Language): PageText {
  const { notFound } = TEXTS[language];
  return {
    path: '/docs',
    title: notFound.title,
    description: notFound.heading,
    content: html`<div class="hero"><h1>${notFound.heading}</h1>
<p>${notFound.text}</p>
<p class="actions"><a class="button" href="/docs">${notFound.home}</a></p></div>`,
    kind: 'landing',
    language,
  };
}
