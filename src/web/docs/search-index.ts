/**
 * What the search of the documentation finds: guides, operations, and sections of guides and of the reference, as plain
 * text. The browser builds the index from it when somebody searches for the first time.
 */
import type { Html } from '../../lib/html.ts';
import type { Guide } from './guides.ts';
import { placeLink, type Sections } from './links.ts';
import { plainText } from './markdown.ts';
import type { ReferencePage } from './reference/page.ts';
import type { Language } from './texts.ts';

/** One thing that can be found. */
export interface SearchEntry {
  readonly kind: 'guide' | 'operation' | 'section';
  readonly title: string;
  /** Where it stands, or for an operation its method and path. */
  readonly context: string;
  readonly text: string;
  readonly href: string;
}

export function searchEntries(
  language: Language,
  guides: readonly Guide[],
  reference: readonly ReferencePage[],
  sections: Sections,
): SearchEntry[] {
  const entries = [...guides.flatMap(entriesOfGuide), ...reference.flatMap(entriesOfReference)];
  return entries.map((entry) => ({ ...entry, href: placeLink(entry.href, language, sections) }));
}

function entriesOfGuide({ path, title, summary, content }: Guide): SearchEntry[] {
  const [intro, ...parts] = splitByHeading(content);
  return [
    {
      kind: 'guide',
      title,
      context: summary,
      text: [intro?.text, ...parts.map((part) => part.title)].join(' '),
      href: path,
    },
    ...parts.map((part) => ({
      kind: 'section' as const,
      title: part.title,
      context: title,
      text: part.text,
      href: `${path}#${part.id}`,
    })),
  ];
}

function entriesOfReference({ title, content, operations }: ReferencePage): SearchEntry[] {
  const [, ...parts] = splitByHeading(content);
  return parts.map((part) => {
    const operation = operations.find(({ operationId }) => operationId === part.id);
    return {
      kind: operation ? 'operation' : 'section',
      title: part.title,
      context: operation ? `${operation.method} ${operation.path}` : title,
      // The id of an operation is its name in generated clients.
      text: `${operation ? `${part.id} ` : ''}${part.text}`,
      href: `/docs/reference#${part.id}`,
    };
  });
}

/** How much of a section is indexed, in characters: the rest of a long one is tables and samples. */
const MAX_SECTION = 1_500;

/** The text before the first heading with an id below the title, then a part for each such heading. */
function splitByHeading({ text }: Html): { id: string; title: string; text: string }[] {
  const parts = text.split(/(?=<h[23] id=")/);
  return parts.map((part) => {
    const [heading = '', id = ''] = /^<h[23] id="([^"]+)">.*?<\/h[23]>/s.exec(part) ?? [];
    return {
      id,
      title: plainText(heading.replace(/<a class="anchor".*$/s, '')),
      text: plainText(part.slice(heading.length)).slice(0, MAX_SECTION),
    };
  });
}
