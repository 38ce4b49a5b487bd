/**
 * The guides: Markdown files in guides/, in the order in which a merchant's developer needs them, and their translations in
 * guides/ja/. A missing file makes the start fail, so that an incomplete package is noticed at start and not by a reader.
 */
import { readFile } from 'node:fs/promises';
import { type Html, html } from '../../lib/html.ts';
import { type Heading, renderMarkdown } from './markdown.ts';
import { type Language, TEXTS } from './texts.ts';

/** The name is both the file's name and the last part of the page's path. */
const GUIDES = [
  {
    name: 'first-payment',
    en: 'From an API key to a paid QR in five minutes, in the shell.',
    ja: 'APIキーの用意からQRでの支払い完了まで、シェルで5分。',
  },
  {
    name: 'signing',
    en: 'How to sign a request, in six languages, and what to do when a signature is rejected.',
    ja: 'リクエストへの署名を6つの言語で。署名が拒否されたときの調べ方も。',
  },
  {
    name: 'payment-page',
    en: 'The page on which the payer pays: its link, the till, languages, framing and the way back to the shop.',
    ja: 'お客様が支払うページ。リンク、レジでの表示、言語、埋め込み、お店への戻り方。',
  },
  {
    name: 'idempotency',
    en: 'How to retry any request safely, whatever happened to the first one.',
    ja: '最初のリクエストがどうなっていても、安全に再試行する方法。',
  },
  {
    name: 'errors',
    en: 'What each error means, and what your program should do about it.',
    ja: 'それぞれのエラーの意味と、プログラムがとるべき対応。',
  },
  {
    name: 'refunds',
    en: 'Give money back, in whole or in part, and learn what became of it.',
    ja: '全額または一部の返金と、その結果の確認。',
  },
  {
    name: 'webhooks',
    en: 'A receiver in 15 lines, and what it takes to miss nothing.',
    ja: '15行の受信サーバーと、取りこぼしをなくすために必要なこと。',
  },
  {
    name: 'verify-webhooks',
    en: 'How to check the signature of a webhook, in six languages.',
    ja: 'Webhookの署名の検証を、6つの言語で。',
  },
  {
    name: 'testing',
    en: 'Every outcome on demand, without a test card: magic amounts, the sandbox and its clock.',
    ja: 'テストカードの代わりに、マジック金額・サンドボックス・時計で、あらゆる結果を再現。',
  },
  {
    name: 'testing-in-ci',
    en: 'The gateway and a PayPay sandbox in one command, with every outcome on demand.',
    ja: 'ゲートウェイとPayPayのサンドボックスを1つのコマンドで起動し、CIでテスト。',
  },
  {
    name: 'paypay-webhooks',
    en: 'For operators: how PayPay reports payments to the gateway.',
    ja: '運用担当者向け：PayPayからゲートウェイへの支払いの通知。',
  },
  {
    name: 'going-live',
    en: 'What to configure, check and monitor before real money moves.',
    ja: '本番のお金を動かす前に、設定・確認・監視すること。',
  },
] as const;

const FOLDER = new URL('./guides/', import.meta.url);

/** The addresses in the guides' samples, which are replaced by those of this gateway and its sandbox. */
const LOCAL_URL = 'http://localhost:8080';
const LOCAL_SANDBOX_URL = 'http://localhost:8081';

/** Where this gateway and, if there is one, its sandbox are reached. */
export interface Addresses {
  readonly publicUrl: string;
  readonly sandboxUrl?: string | undefined;
}

export interface Guide {
  readonly name: string;
  /** The English page's path. */
  readonly path: string;
  readonly title: string;
  readonly summary: string;
  readonly content: Html;
}

/** @throws when a guide is missing or has no title */
export function loadGuides(language: Language, addresses: Addresses): Promise<Guide[]> {
  return Promise.all(
    GUIDES.map(async ({ name, [language]: summary }) => {
      const english = await readGuide(name, 'en', addresses);
      const text = language === 'en' ? english : await readGuide(name, language, addresses);
      // Links to a section of a guide work in every language, because the ids are those of the English headings.
      const ids = renderMarkdown(english.body).headings.map(({ id }) => id);
      return {
        name,
        path: `/docs/${name}`,
        title: text.title,
        summary,
        content: renderGuide(text, ids, TEXTS[language].onThisPage),
      };
    }),
  );
}

interface GuideText {
  readonly title: string;
  readonly body: string;
}

async function readGuide(name: string, language: Language, addresses: Addresses): Promise<GuideText> {
  const file = new URL(language === 'en' ? `${name}.md` : `${language}/${name}.md`, FOLDER);
  const text = (await readFile(file, 'utf8'))
    .replaceAll(LOCAL_URL, addresses.publicUrl)
    .replaceAll(LOCAL_SANDBOX_URL, addresses.sandboxUrl ?? LOCAL_SANDBOX_URL);
  const [, title, body] = /^# (.+)\n([\s\S]*)$/.exec(text) ?? [];
  if (title === undefined || body === undefined) {
    throw new Error(`the guide ${name} does not start with its title`);
  }
  return { title, body };
}

function renderGuide({ title, body }: GuideText, ids: readonly string[], onThisPage: string): Html {
  const { content, headings } = renderMarkdown(body, ids);
  return html`<article class="prose"><h1>${title}</h1>
${renderContents(
  headings.filter(({ depth }) => depth === 2),
  onThisPage,
)}
${content}</article>`;
}

function renderContents(headings: readonly Heading[], onThisPage: string): Html | undefined {
  if (headings.length < 3) {
    return undefined;
  }
  return html`<details class="contents"><summary>${onThisPage}</summary><ul>
${headings.map(
  ({ id, text }) => html`<li><a href="#${id}">${text}</a></li>
`,
)}</ul></details>`;
}
