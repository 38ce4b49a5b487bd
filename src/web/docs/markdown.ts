/**
 * Converts GitHub-flavoured Markdown, of the guides and of the contract's descriptions, to HTML. HTML inside the Markdown
 * is escaped.
 */
import { Marked, type RendererObject, type Tokens } from 'marked';
import { Html, html } from '../../lib/html.ts';
import { codeBlock } from './code.ts';

export interface Heading {
  readonly id: string;
  readonly depth: number;
  readonly text: string;
}

export interface Rendered {
  readonly content: Html;
  readonly headings: readonly Heading[];
}

/** A link between guides, written as a relative file name so that it also works in the repository. */
const GUIDE_LINK = /^(?:\.\/)?([a-z-]+)\.md(#.*)?$/;

/** Any other link, for example one that runs a script, becomes plain text. */
const ALLOWED = /^(https?:|mailto:|\/|#)/;

const inlineOnly = new Marked({ gfm: true, renderer: rendererFor([]) });

/** @param ids of the headings, in their order, instead of ids made from their texts */
export function renderMarkdown(text: string, ids: readonly string[] = []): Rendered {
  const headings: Heading[] = [];
  const marked = new Marked({ gfm: true, renderer: rendererFor(headings, ids) });
  return { content: new Html(marked.parse(text, { async: false })), headings };
}

/** Inline Markdown only, without a paragraph around it. */
export function renderInline(text: string): Html {
  return new Html(inlineOnly.parseInline(text, { async: false }));
}

/** @param headings collects the headings of the text */
function rendererFor(headings: Heading[], ids: readonly string[] = []): RendererObject {
  return {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => html`${text}`.text,
    code: ({ text, lang }: Tokens.Code) => codeBlock(text, lang ?? '').text,
    heading({ tokens, depth }: Tokens.Heading) {
      const content = new Html(this.parser.parseInline(tokens));
      const text = this.parser.parseInline(tokens, this.parser.textRenderer);
      const id = ids[headings.length] ?? uniqueId(text, headings);
      const heading = { id, depth, text: unescapeHtml(text) };
      headings.push(heading);
      return renderHeading(depth, heading.id, content).text;
    },
    link({ href, tokens }: Tokens.Link) {
      const content = new Html(this.parser.parseInline(tokens));
      const target = href.replace(GUIDE_LINK, '/docs/$1$2');
      if (!ALLOWED.test(target)) {
        return content.text;
      }
      return html`<a href="${target}"${/^https?:/.test(target) && new Html(' rel="noreferrer"')}>${content}</a>`
        .text;
    },
    // Not an <input>, because ticking it would do nothing.
    checkbox: ({ checked }: Tokens.Checkbox) =>
      `<span class="box" aria-hidden="true">${checked ? '☑' : '☐'}</span> `,
    table({ header, rows }: Tokens.Table) {
      const cells = (row: Tokens.TableCell[], tag: string) =>
        row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('');
      const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
      return `<div class="scroll" tabindex="0"><table><thead><tr>${cells(header, 'th')}</tr></thead>\n<tbody>${body}</tbody></table></div>\n`;
    },
  };
}

/** A heading with a link to itself, which appears on hover and on focus. */
export function renderHeading(depth: number, id: string, content: Html | string): Html {
  const tag = new Html(`h${depth}`);
  const text = typeof content === 'string' ? content : content.text.replaceAll(/<[^>]+>/g, '');
  return html`<${tag} id="${id}">${content}<a class="anchor" href="#${id}" aria-label="# ${new Html(text)}">#</a></${tag}>
`;
}

function uniqueId(text: string, headings: readonly Heading[]): string {
  const base = unescapeHtml(text)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-');
  const same = headings.filter(({ id }) => id === base || id.replace(/-\d+$/, '') === base).length;
  return same === 0 ? base : `${base}-${same}`;
}

/** The text of markup, on one line. */
export function plainText(markup: string): string {
  return unescapeHtml(markup.replaceAll(/<[^>]+>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function unescapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => named[name] ?? '');
}
