/**
 * The guides: markdown files beside this module, in the order in which a merchant's developer needs them. A file that is
 * missing stops the start, so that an incomplete package is noticed where it is made.
 */
import { readFile } from 'node:fs/promises';
import { type Html, html } from '../../lib/html.ts';
import { type Heading, renderMarkdown } from './markdown.ts';

/** The name is that of the file, and the end of the address. */
const GUIDES = [
  { name: 'first-payment', summary: 'From two keys to a paid QR, in the shell, in five minutes.' },
  {
    name: 'signing',
    summary: 'How a request is signed, in six languages, and what to do when it is refused.',
  },
  { name: 'idempotency', summary: 'Repeat any request safely, whatever happened to the first.' },
  { name: 'errors', summary: 'What each error means and what your program does about it.' },
  { name: 'webhooks', summary: 'How news about a payment reaches the gateway, and you.' },
  {
    name: 'testing-in-ci',
    summary: 'Gateway and PayPay sandbox in one command, with every outcome on demand.',
  },
  { name: 'going-live', summary: 'What to set, to check and to watch before real money moves.' },
] as const;

const FOLDER = new URL('./guides/', import.meta.url);

/** As it is written in the guides; replaced by where the gateway is really reached. */
const LOCAL_URL = 'http://localhost:8080';

export interface Guide {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly content: Html;
}

/** @throws when a guide is missing or has no title */
export function loadGuides(publicUrl: string): Promise<Guide[]> {
  return Promise.all(
    GUIDES.map(async ({ name, summary }) => {
      const text = await readFile(new URL(`${name}.md`, FOLDER), 'utf8');
      return { name, summary, ...renderGuide(name, text.replaceAll(LOCAL_URL, publicUrl)) };
    }),
  );
}

function renderGuide(name: string, text: string): { title: string; content: Html } {
  const [, title, body] = /^# (.+)\n([\s\S]*)$/.exec(text) ?? [];
  if (title === undefined || body === undefined) {
    throw new Error(`the guide ${name} does not start with its title`);
  }
  const { content, headings } = renderMarkdown(body);
  return {
    title,
    content: html`<article class="prose"><h1>${title}</h1>
${renderContents(headings.filter(({ depth }) => depth === 2))}
${content}</article>`,
  };
}

function renderContents(headings: readonly Heading[]): Html | undefined {
  if (headings.length < 3) {
    return undefined;
  }
  return html`<details class="contents"><summary>On this page</summary><ul>
${headings.map(
  ({ id, text }) => html`<li><a href="#${id}">${text}</a></li>
`,
)}</ul></details>`;
}
