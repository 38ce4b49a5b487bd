/**
 * The navigation: all guides and all pages of the reference, and below the current page of the reference its operations.
 */
import { type Html, html } from '../../lib/html.ts';
import type { Guide } from './guides.ts';
import { renderMethod } from './reference/operation.ts';
import type { ReferencePage } from './reference/page.ts';
import { type Language, TEXTS } from './texts.ts';

/** @param path of the page that shows it */
export function renderNavigation(
  language: Language,
  guides: readonly Guide[],
  reference: readonly ReferencePage[],
  path: string,
): Html {
  const texts = TEXTS[language];
  const titles: Readonly<Record<string, string>> = {
    '/docs/reference': texts.introduction,
    '/docs/reference/errors': texts.errors,
    '/docs/reference/schemas': texts.schemas,
  };
  return html`<p class="group">${texts.guides}</p>
<ul>
${renderLink('/docs', texts.overview, path)}
${guides.map((guide) => renderLink(guide.path, guide.title, path))}</ul>
<p class="group">${texts.reference}</p>
<ul>
${reference.map((page) =>
  renderLink(
    page.path,
    titles[page.path] ?? page.title,
    path,
    page.path === path ? renderOperations(page) : undefined,
  ),
)}</ul>
`;
}

function renderLink(href: string, text: string, path: string, below?: Html): Html {
  return html`<li><a href="${href}"${href === path && html` aria-current="page"`}>${text}</a>${below}</li>
`;
}

function renderOperations({ operations }: ReferencePage): Html | undefined {
  if (operations.length === 0) {
    return undefined;
  }
  return html`<ul class="sections" lang="en">
${operations.map(
  ({
    operationId,
    summary = operationId,
    method,
  }) => html`<li><a href="#${operationId}">${renderMethod(method)} ${summary}</a></li>
`,
)}</ul>`;
}
