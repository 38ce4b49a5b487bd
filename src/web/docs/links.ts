/**
 * Addresses of the documentation. All texts are written with the address of the English page, and with `/docs/reference#id`
 * for a section of the API reference, whichever of its pages has the section. When a page is rendered, its links are given
 * the address of the section's page, in the language of the page. So old links to the reference keep their meaning.
 */
import type { Language } from './texts.ts';

export const REFERENCE = '/docs/reference';

/** The page of each section of the API reference, by the section's id. */
export type Sections = ReadonlyMap<string, string>;

/** The path of a page in a language; without the language it is the English one. */
export function pathIn(language: Language, path: string): string {
  return language === 'en' ? path : path.replace(/^\/docs/, `/docs/${language}`);
}

/** The ids of a page's sections. */
export function idsIn(markup: string): string[] {
  return [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
}

/** An address as it is written in a text, as a page of this language links to it. */
export function placeLink(address: string, language: Language, sections: Sections): string {
  const [path = '', id] = address.split('#');
  if (!/^\/docs(\/|$)/.test(path) || path.startsWith('/docs/assets/')) {
    return address;
  }
  const page = path === REFERENCE && id !== undefined ? (sections.get(id) ?? path) : path;
  return `${pathIn(language, page)}${id === undefined ? '' : `#${id}`}`;
}

/** Places the links of a whole page. A link with `hreflang` leads to another language and keeps its address. */
export function placeLinks(markup: string, language: Language, sections: Sections): string {
  return markup.replaceAll(
    /(<a (?![^>]*hreflang)[^>]*?href=")([^"]+)"/g,
    (_, start: string, address: string) => `${start}${placeLink(address, language, sections)}"`,
  );
}
