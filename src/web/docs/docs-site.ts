/**
 * The documentation as static files by path, rendered once at start: landing page, guides and API reference in every
 * language, the contract itself, style sheet and scripts.
 */
import { loadAssets } from './assets.ts';
import { type Addresses, type Guide, loadGuides } from './guides.ts';
import { landingPage, notFoundPage } from './landing.ts';
import { type Frame, type PageText, renderPage } from './layout.ts';
import { idsIn, pathIn, type Sections } from './links.ts';
import { renderNavigation } from './navigation.ts';
import { toOpenApi31 } from './openapi-3.1.ts';
import { type Contract, readContract } from './reference/contract-tree.ts';
import type { ReferenceOptions, ReferencePage } from './reference/page.ts';
import { renderReference } from './reference/pages.ts';
import { searchEntries } from './search-index.ts';
import { type StaticFile, staticFile } from './static-file.ts';
import type { Language } from './texts.ts';

export interface DocsOptions extends ReferenceOptions, Addresses {
  readonly contract: Contract;
  /** The text of openapi.yaml, with its comments. */
  readonly contractText: string;
}

export interface DocsSite {
  readonly pages: ReadonlyMap<string, StaticFile>;
  /** The 404 page for browsers. */
  readonly notFound: Readonly<Record<Language, StaticFile>>;
  readonly assets: ReadonlyMap<string, StaticFile>;
  readonly contracts: ReadonlyMap<string, StaticFile>;
}

/** @throws when a guide or an asset is missing */
export async function createDocsSite(options: DocsOptions): Promise<DocsSite> {
  const tree = readContract(options.contract);
  const reference = renderReference(tree, options);
  const files = await loadAssets();
  const { version } = tree.info;
  const edition = async (language: Language) =>
    renderEdition({ language, guides: await loadGuides(language, options), reference, files, version });
  const [en, ja] = await Promise.all([edition('en'), edition('ja')]);
  return {
    pages: new Map([...en.pages, ...ja.pages]),
    notFound: { en: en.notFound, ja: ja.notFound },
    assets: new Map([...files, en.index, ja.index]),
    contracts: new Map([
      ['/openapi.yaml', staticFile('application/yaml; charset=utf-8', options.contractText)],
      ['/openapi-3.1.yaml', staticFile('application/yaml; charset=utf-8', openApi31Text(options.contract))],
      ['/openapi.json', staticFile('application/json; charset=utf-8', JSON.stringify(options.contract))],
    ]),
  };
}

interface Edition {
  readonly language: Language;
  readonly guides: readonly Guide[];
  readonly reference: readonly ReferencePage[];
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly version: string;
}

/** All pages of one language, and what its search finds. */
function renderEdition({ language, guides, reference, files, version }: Edition): {
  pages: [string, StaticFile][];
  notFound: StaticFile;
  index: [string, StaticFile];
} {
  const sections = sectionsOf(reference);
  const entries = JSON.stringify(searchEntries(language, guides, reference, sections));
  const indexPath = `/docs/assets/search-${language}.json`;
  const index = staticFile('application/json; charset=utf-8', entries);
  const address = (name: string) => versioned(`/docs/assets/${name}`, files.get(`/docs/assets/${name}`));
  const frame: Frame = {
    language,
    sections,
    assets: {
      style: address('docs.css'),
      early: address('early.js'),
      script: address('docs.js'),
      search: address('search.js'),
      icon: address('icon.svg'),
    },
    searchFiles: { library: address('minisearch.js'), index: versioned(indexPath, index) },
    version,
    navigation: (path) => renderNavigation(language, guides, reference, path),
  };
  const render = (page: PageText) => staticFile('text/html; charset=utf-8', renderPage(frame, page));
  const pages: PageText[] = [
    landingPage(language, guides, reference),
    ...guides.map((guide) => guidePage(language, guide)),
    ...reference.map((page) => ({ ...page, kind: 'reference' as const, language: 'en' as const })),
  ];
  return {
    pages: pages.map((page) => [pathIn(language, page.path), render(page)]),
    notFound: render(notFoundPage(language)),
    index: [indexPath, index],
  };
}

/** The index has links with the ids of the other pages, so the others come last. */
function sectionsOf(reference: readonly ReferencePage[]): Sections {
  return new Map(reference.flatMap(({ path, content }) => idsIn(content.text).map((id) => [id, path])));
}

function versioned(path: string, file: StaticFile | undefined): string {
  return `${path}?v=${file?.version}`;
}

function guidePage(language: Language, { path, title, summary, content }: Guide): PageText {
  return { path, title, description: summary, content, kind: 'guide', language };
}

/** JSON, which is valid YAML: printing block-style YAML would slow down the start. */
function openApi31Text(contract: Contract): string {
  return `${JSON.stringify(toOpenApi31(contract), undefined, 2)}\n`;
}
