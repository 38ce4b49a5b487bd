/**
 * The guides: Markdown files in guides/, in the order in which a merchant's developer needs them. A missing file makes
 * the start fail, so that an incomplete package is noticed at start and not by a reader.
 */
import { readFile } from 'node:fs/promises';
import { type Html, html } from '../../lib/html.ts';
import { type Heading, renderMarkdown } from './markdown.ts';

/** The name is both the file's name and the last part of the page's path. */
const GUIDES = [
  { name: 'first-payment', summary: 'From an API key to a paid QR in five minutes, in the shell.' },
  {
    name: 'signing',
    summary: 'How to sign a request, in six languages, and what to do when a signature is rejected.',
  },
  { name: 'idempotency', summary: 'How to retry any request safely, whatever happened to the first one.' },
  { name: 'errors', summary: 'What each error means, and what your program should do about it.' },
  { name: 'refunds', summary: 'Give money back, in whole or in part, and learn what became of it.' },
  { name: 'webhooks', summary: 'A receiver in 15 lines, and what it takes to miss nothing.' },
  { name: 'verify-webhooks', summary: 'How to check the signature of a webhook, in six languages.' },
  {
    name: 'testing-in-ci',
    summary: 'The gateway and a PayPay sandbox in one command, with every outcome on demand.',
  },
  { name: 'paypay-webhooks', summary: 'For operators: how PayPay reports payments to the gateway.' },
  { name: 'going-live', summary: 'What to configure, check and monitor before real money moves.' },
] as const;

const FOLDER = new URL('./guides/', import.meta.url);

/** The address in the guides' samples; replaced by this gateway's public address. */
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
