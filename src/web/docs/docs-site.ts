/**
 * The documentation as static files by path, rendered once at start: landing page, guides, API reference, the contract
 * itself, style sheet and script.
 */
import { readFile } from 'node:fs/promises';
import { type Html, html } from '../../lib/html.ts';
import { type Contract, type ContractTree, operationsByTag, readContract } from './contract-tree.ts';
import { type Guide, loadGuides } from './guides.ts';
import { type Frame, type NavGroup, type PageText, renderPage } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { toOpenApi31 } from './openapi-3.1.ts';
import { type ReferenceOptions, renderReference, tagId } from './reference.ts';
import { renderMethod } from './reference-operation.ts';
import { type StaticFile, staticFile } from './static-file.ts';

const ASSETS = new URL('./assets/', import.meta.url);

/** In the order of the cascade: of two equal selectors the later wins. */
const STYLES = ['base', 'frame', 'text', 'code', 'landing', 'reference', 'wide', 'print'];

export interface DocsOptions extends ReferenceOptions {
  readonly contract: Contract;
  /** The text of openapi.yaml, with its comments. */
  readonly contractText: string;
}

export interface DocsSite {
  readonly pages: ReadonlyMap<string, StaticFile>;
  /** The 404 page for browsers. */
  readonly notFound: StaticFile;
  readonly assets: ReadonlyMap<string, StaticFile>;
  readonly contracts: ReadonlyMap<string, StaticFile>;
}

/** @throws when a guide or an asset is missing */
export async function createDocsSite(options: DocsOptions): Promise<DocsSite> {
  const tree = readContract(options.contract);
  const guides = await loadGuides(options.publicUrl);
  const assets = await loadAssets();
  const frame: Frame = {
    nav: navigation(tree, guides),
    assets: { style: addressOf('docs.css'), script: addressOf('docs.js'), icon: addressOf('icon.svg') },
    version: tree.info.version,
  };
  function addressOf(name: string): string {
    return `/docs/assets/${name}?v=${assets.get(`/docs/assets/${name}`)?.version}`;
  }
  const pages = [landingPage(tree, guides), ...guides.map(guidePage), referencePage(tree, options)];
  return {
    pages: new Map(pages.map((page) => [page.path, htmlFile(frame, page)])),
    notFound: htmlFile(frame, NOT_FOUND),
    assets,
    contracts: new Map([
      ['/openapi.yaml', staticFile('application/yaml; charset=utf-8', options.contractText)],
      ['/openapi-3.1.yaml', staticFile('application/yaml; charset=utf-8', openApi31Text(options.contract))],
      ['/openapi.json', staticFile('application/json; charset=utf-8', JSON.stringify(options.contract))],
    ]),
  };
}

/** JSON, which is valid YAML: printing block-style YAML would slow down the start. */
function openApi31Text(contract: Contract): string {
  return `${JSON.stringify(toOpenApi31(contract), undefined, 2)}\n`;
}

async function loadAssets(): Promise<Map<string, StaticFile>> {
  const read = (name: string) => readFile(new URL(name, ASSETS), 'utf8');
  const styles = await Promise.all(STYLES.map((name) => read(`styles/${name}.css`)));
  return new Map([
    ['/docs/assets/docs.css', staticFile('text/css; charset=utf-8', styles.join('\n'))],
    ['/docs/assets/docs.js', staticFile('text/javascript; charset=utf-8', await read('docs.js'))],
    ['/docs/assets/icon.svg', staticFile('image/svg+xml', await read('icon.svg'))],
  ]);
}

function htmlFile(frame: Frame, page: PageText): StaticFile {
  return staticFile('text/html; charset=utf-8', renderPage(frame, page));
}

function navigation(tree: ContractTree, guides: readonly Guide[]): NavGroup[] {
  const inReference = (id: string) => `/docs/reference#${id}`;
  return [
    {
      title: 'Guides',
      links: [
        { href: '/docs', text: 'Overview' },
        ...guides.map(({ name, title }) => ({ href: `/docs/${name}`, text: title })),
      ],
    },
    {
      title: 'API reference',
      links: [
        { href: '/docs/reference', text: 'Introduction' },
        { href: inReference('authentication'), text: 'Authentication' },
      ],
    },
    ...operationsByTag(tree).map(({ name, operations }) => ({
      title: name,
      links: operations.map(({ operationId, summary = operationId, method }) => ({
        href: inReference(operationId),
        text: html`${renderMethod(method)} ${summary}`,
      })),
    })),
    {
      title: 'More',
      links: [
        { href: inReference('rate-limits'), text: 'Rate limits' },
        { href: inReference('headers'), text: 'Response headers' },
        { href: inReference('errors'), text: 'Errors' },
        { href: inReference('schemas'), text: 'Schemas' },
      ],
    },
  ];
}

function landingPage(tree: ContractTree, guides: readonly Guide[]): PageText {
  const tags = operationsByTag(tree);
  return {
    path: '/docs',
    title: 'Documentation',
    description: 'Guides and API reference of the payment gateway mpac-pgw.',
    kind: 'landing',
    content: html`<div class="hero"><h1>Take a payment</h1>
${renderMarkdown(tree.info.description ?? '').content}
<p class="actions"><a class="button" href="/docs/first-payment">Make your first payment</a> <a class="button quiet" href="/docs/reference">API reference</a></p></div>
<h2>Guides</h2>
<ul class="cards">
${guides.map(({ name, title, summary }) => card(`/docs/${name}`, title, html`${summary}`))}</ul>
<h2>API reference</h2>
<ul class="cards">
${tags.map(({ name, operations, description = '' }) =>
  card(
    `/docs/reference#${tagId(name)}`,
    name,
    html`${description} <span class="count">${operations.length} ${operations.length === 1 ? 'operation' : 'operations'}</span>`,
  ),
)}</ul>`,
  };
}

function card(href: string, title: string, text: Html): Html {
  return html`<li><a href="${href}"><strong>${title}</strong><span>${text}</span></a></li>
`;
}

function guidePage({ name, title, summary, content }: Guide): PageText {
  return { path: `/docs/${name}`, title, description: summary, content, kind: 'guide' };
}

function referencePage(tree: ContractTree, options: ReferenceOptions): PageText {
  return {
    path: '/docs/reference',
    title: 'API reference',
    description: 'Every operation, schema and error of the API.',
    content: renderReference(tree, options),
    kind: 'reference',
  };
}

const NOT_FOUND: PageText = {
  path: '',
  title: 'Not found',
  description: 'This page does not exist.',
  content: html`<div class="hero"><h1>Page not found</h1>
<p>It may have moved. The menu lists all pages.</p>
<p class="actions"><a class="button" href="/docs">Documentation home</a></p></div>`,
  kind: 'landing',
};
