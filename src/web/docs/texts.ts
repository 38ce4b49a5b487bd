/**
 * The texts of the documentation's frame, in English and in Japanese: navigation, search, buttons, landing page. The type
 * makes sure that both languages are complete. The API reference itself is made from the contract, which is in English.
 */

/** In the order of the language switch; the first has addresses without a language in them. */
export const LANGUAGES = ['en', 'ja'] as const;

export type Language = (typeof LANGUAGES)[number];

export interface Texts {
  /** The language's own name. */
  readonly name: string;
  readonly skip: string;
  readonly menu: string;
  readonly documentation: string;
  readonly guides: string;
  readonly overview: string;
  readonly reference: string;
  readonly introduction: string;
  readonly errors: string;
  readonly schemas: string;
  readonly onThisPage: string;
  readonly copy: string;
  readonly copied: string;
  readonly codeLanguage: string;
  readonly search: string;
  readonly searchFor: string;
  readonly searchKeys: string;
  readonly close: string;
  readonly results: Readonly<Record<'guide' | 'operation' | 'section', string>>;
  /** `{count}` and `{query}` are filled in by the script. */
  readonly resultCount: string;
  readonly noResult: string;
  readonly searchFailed: string;
  /** Above the reference when its language is not that of the frame. */
  readonly referenceLanguage: string | undefined;
  readonly contract: string;
  readonly landing: {
    readonly title: string;
    readonly description: string;
    readonly heading: string;
    readonly text: string;
    readonly start: string;
    readonly operations: (count: number) => string;
  };
  readonly notFound: {
    readonly title: string;
    readonly heading: string;
    readonly text: string;
    readonly home: string;
  };
}

const en: Texts = {
  name: 'English',
  skip: 'Skip to content',
  menu: 'Menu',
  documentation: 'Documentation',
  guides: 'Guides',
  overview: 'Overview',
  reference: 'API reference',
  introduction: 'Introduction',
  errors: 'Errors',
  schemas: 'Schemas',
  onThisPage: 'On this page',
  copy: 'Copy',
  copied: 'Copied',
  codeLanguage: 'Language of the samples',
  search: 'Search',
  searchFor: 'Search guides and API reference',
  searchKeys: '↑ ↓ to choose, Enter to open, Esc to close',
  close: 'Close',
  results: { guide: 'Guides', operation: 'Operations', section: 'Sections' },
  resultCount: 'Results: {count}',
  noResult: 'Nothing found for “{query}”. Try another word, or a part of it.',
  searchFailed: 'The search index could not be loaded. Check the connection and try again.',
  referenceLanguage: undefined,
  contract: 'OpenAPI document:',
  landing: {
    title: 'Documentation',
    description: 'Guides and API reference of the payment gateway mpac-pgw.',
    heading: 'Take a payment',
    text: 'Your server creates a PaymentIntent, the payer scans a PayPay QR code or pays cash at the till, and the gateway reports what happened to the money: in a feed of events that skips nothing, and as signed webhooks to your server.',
    start: 'Make your first payment',
    operations: (count) => (count === 1 ? '1 operation' : `${count} operations`),
  },
  notFound: {
    title: 'Not found',
    heading: 'Page not found',
    text: 'It may have moved. The menu lists all pages, and the search finds what is on them.',
    home: 'Documentation home',
  },
};

const ja: Texts = {
  name: '日本語',
  skip: '本文へ移動',
  menu: 'メニュー',
  documentation: 'ドキュメント',
  guides: 'ガイド',
  overview: '概要',
  reference: 'APIリファレンス',
  introduction: 'はじめに',
  errors: 'エラー',
  schemas: 'スキーマ',
  onThisPage: 'このページの内容',
  copy: 'コピー',
  copied: 'コピーしました',
  codeLanguage: 'サンプルの言語',
  search: '検索',
  searchFor: 'ガイドとAPIリファレンスを検索',
  searchKeys: '↑ ↓ で選択、Enterで開く、Escで閉じる',
  close: '閉じる',
  results: { guide: 'ガイド', operation: 'オペレーション', section: '見出し' },
  resultCount: '{count}件',
  noResult: '「{query}」に一致するものは見つかりませんでした。別の言葉か、短い言葉でお試しください。',
  searchFailed: '検索用のデータを読み込めませんでした。接続を確認して、もう一度お試しください。',
  referenceLanguage: 'APIリファレンスの本文は、OpenAPI定義から生成しているため英語です。',
  contract: 'OpenAPI定義：',
  landing: {
    title: 'ドキュメント',
    description: '決済ゲートウェイmpac-pgwのガイドとAPIリファレンスです。',
    heading: '決済を受け付ける',
    text: '加盟店のサーバーがPaymentIntentを作成し、お客様がPayPayのQRコードを読み取るか、レジで現金で支払います。お金の動きは、漏れのないイベントのフィードと、サーバー宛ての署名付きWebhookでお知らせします。',
    start: '最初の決済を試す',
    operations: (count) => `${count}件のオペレーション`,
  },
  notFound: {
    title: 'ページが見つかりません',
    heading: 'ページが見つかりません',
    text: '移動した可能性があります。メニューからすべてのページを開けます。検索もお使いください。',
    home: 'ドキュメントのトップへ',
  },
};

export const TEXTS: Readonly<Record<Language, Texts>> = { en, ja };
