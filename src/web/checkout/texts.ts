/**
 * All texts of the payment page, in Japanese and in English. The type makes sure that both languages are complete.
 */
import type { PageState } from './page-state.ts';

export type Language = 'ja' | 'en';

interface StateText {
  readonly title: string;
  /** What the payer should do now. */
  readonly hint: string;
}

export interface Texts {
  readonly locale: string;
  readonly name: string;
  readonly languages: string;
  readonly states: Readonly<Record<PageState, StateText>>;
  /** The provider refused to create a code. */
  readonly codeRefused: StateText;
  /** The old code has expired but may still turn out paid; a new one can be requested in a few seconds. */
  readonly renewing: StateText;
  /** The last code can no longer be used. A script requests the next one at once. */
  readonly lapsed: StateText;
  /** The money was taken and refunded, so "no money was taken" would be wrong. */
  readonly returned: StateText;
  readonly amountDue: string;
  readonly amountPaid: string;
  /** Lines of the receipt. */
  readonly refundedOf: (refunded: string, paid: string) => string;
  readonly allRefunded: (amount: string) => string;
  readonly refunding: (amount: string) => string;
  readonly details: string;
  readonly orderReference: string;
  readonly paidAt: string;
  readonly method: string;
  readonly cash: string;
  readonly paymentId: string;
  readonly timeLeft: string;
  readonly validUntil: (time: string) => string;
  readonly payUntil: (time: string) => string;
  readonly qrLabel: (amount: string) => string;
  readonly showQr: string;
  readonly tryAgain: string;
  readonly refresh: string;
  readonly openApp: string;
  readonly orScan: string;
  readonly busy: string;
  readonly print: string;
  readonly receipt: string;
  readonly connectionLost: string;
  readonly connectionBack: string;
  readonly sandbox: string;
  readonly sandboxPay: string;
  readonly errors: Readonly<Record<ErrorKind, StateText>>;
}

/** The kinds of errors that differ for the payer. */
export type ErrorKind = 'link' | 'unknown' | 'method' | 'request' | 'unavailable' | 'busy' | 'fault';

const ja: Texts = {
  locale: 'ja-JP',
  name: '日本語',
  languages: '言語',
  states: {
    ready: { title: 'PayPayでお支払い', hint: 'QRコードを表示して、PayPayアプリで読み取ってください。' },
    scan: { title: 'PayPayでスキャン', hint: 'PayPayアプリでこのQRコードを読み取ってください。' },
    processing: {
      title: 'PayPayに確認しています',
      hint: 'このままお待ちください。二重に支払われることはありません。',
    },
    failed: {
      title: 'お支払いが完了しませんでした',
      hint: '代金は支払われていません。PayPayの残高などをご確認のうえ、もう一度お試しください。',
    },
    paid: {
      title: 'お支払いが完了しました',
      hint: 'この画面を閉じて、お店にお戻りください。店頭ではスタッフにこの画面をお見せください。',
    },
    cancelled: {
      title: 'お支払いはキャンセルされました',
      // The payer may have paid at the last moment.
      hint: '万一お支払い済みの場合は、自動的に返金されます。あらためてお支払いになる場合は、お店にお声がけください。',
    },
    expired: {
      title: 'お支払いの期限が切れました',
      hint: '期限内のお支払いを確認できませんでした。お支払いになる場合は、お店にお声がけください。',
    },
    refund_pending: {
      title: '返金の手続き中です',
      hint: '返金はまだ完了していません。完了すると、この画面に表示されます。',
    },
    partly_refunded: { title: '一部が返金されました', hint: 'ご不明な点は、お店にお問い合わせください。' },
    refunded: { title: '全額が返金されました', hint: 'ご不明な点は、お店にお問い合わせください。' },
    cash: { title: 'レジでお支払いください', hint: 'スタッフが代金を受け取ると、この画面が変わります。' },
  },
  codeRefused: {
    title: 'QRコードを表示できませんでした',
    hint: '代金は支払われていません。少し待って、もう一度お試しください。続く場合はスタッフにお声がけください。',
  },
  renewing: {
    title: '新しいQRコードを準備しています',
    hint: '前のQRコードは期限が切れました。少しだけお待ちください。',
  },
  lapsed: {
    title: '新しいQRコードが必要です',
    hint: '前のQRコードはもう使えません。ボタンを押すと、新しいQRコードが表示されます。',
  },
  returned: {
    title: 'お支払いは返金されました',
    hint: 'いったん支払われた代金は、PayPayでお客様に返金されました。',
  },
  amountDue: 'お支払い金額',
  amountPaid: 'お支払い済み',
  refundedOf: (refunded, paid) => `${paid}のうち${refunded}を返金済み`,
  allRefunded: (amount) => `${amount}を返金済み`,
  refunding: (amount) => `${amount}を返金手続き中`,
  details: 'お支払い内容',
  orderReference: '注文番号',
  paidAt: '支払い日時',
  method: '支払い方法',
  cash: '現金',
  paymentId: '支払い番号',
  timeLeft: '残り時間',
  validUntil: (time) => `${time} まで有効`,
  payUntil: (time) => `お支払い期限 ${time}`,
  qrLabel: (amount) => `PayPayで${amount}を支払うQRコード`,
  showQr: 'QRコードを表示',
  tryAgain: 'もう一度試す',
  refresh: '最新の状態を表示',
  openApp: 'PayPayアプリで支払う',
  orScan: 'ほかの端末から支払うときは、このQRコードを読み取ってください',
  busy: 'QRコードを準備しています…',
  print: '控えを印刷',
  receipt: 'お支払いの控え',
  connectionLost: '接続が切れました。つながり次第、自動で更新します。お支払いへの影響はありません。',
  connectionBack: '再び接続しました。',
  sandbox: 'テスト環境です。実際のお金は動きません。',
  sandboxPay: '支払いを試す',
  errors: {
    link: {
      title: 'このリンクは使えません',
      hint: 'リンクが途中で切れているか、期限が過ぎています。お店から届いたリンクをもう一度開いてください。',
    },
    unknown: {
      title: 'お支払いが見つかりません',
      hint: 'リンクをご確認ください。分からない場合は、お店にお問い合わせください。',
    },
    method: {
      title: 'この操作はできません',
      hint: 'お店から届いたリンクをもう一度開いてください。',
    },
    request: {
      title: 'PayPayでのお支払いを始められません',
      hint: 'お店側で設定の確認が必要です。スタッフにお声がけください。',
    },
    unavailable: {
      title: 'ただいまPayPayにつながりません',
      hint: '少し待って、もう一度お試しください。お支払い済みの場合は、この画面に表示されます。',
    },
    busy: { title: 'ただいま混み合っています', hint: '少し待って、もう一度お試しください。' },
    fault: {
      title: '問題が発生しました',
      hint: '少し待って、もう一度お試しください。続く場合はスタッフにお声がけください。',
    },
  },
};

const en: Texts = {
  locale: 'en-GB',
  name: 'English',
  languages: 'Language',
  states: {
    ready: { title: 'Pay with PayPay', hint: 'Show the QR code, then scan it with the PayPay app.' },
    scan: { title: 'Scan with PayPay', hint: 'Open the PayPay app and scan this QR code.' },
    processing: {
      title: 'Checking with PayPay',
      hint: 'Please wait a moment. You will not be charged twice.',
    },
    failed: {
      title: 'The payment did not go through',
      hint: 'No money was taken. Check your balance in the PayPay app, then try again.',
    },
    paid: {
      title: 'Payment complete',
      hint: 'You can close this page and return to the shop. At the counter, show this screen to the staff.',
    },
    cancelled: {
      title: 'This payment was cancelled',
      hint: 'If you have already paid, you will be refunded automatically. If you still want to pay, please ask the shop.',
    },
    expired: {
      title: 'This payment has expired',
      hint: 'No payment was received in time. If you still want to pay, please ask the shop.',
    },
    refund_pending: {
      title: 'Refund in progress',
      hint: 'The refund is not complete yet. This page will show when it is.',
    },
    partly_refunded: { title: 'Partly refunded', hint: 'If you have any questions, please ask the shop.' },
    refunded: { title: 'Refunded in full', hint: 'If you have any questions, please ask the shop.' },
    cash: {
      title: 'Please pay at the till',
      hint: 'This screen will change once the staff have received your payment.',
    },
  },
  codeRefused: {
    title: 'The QR code could not be shown',
    hint: 'No money was taken. Wait a moment and try again. If the problem persists, please ask the staff.',
  },
  renewing: { title: 'Preparing a new QR code', hint: 'The last one has expired. Please wait a moment.' },
  lapsed: {
    title: 'A new QR code is needed',
    hint: 'The last one can no longer be used. Press the button for a new one.',
  },
  returned: {
    title: 'Your payment was refunded',
    hint: 'The amount you paid has been refunded to you in PayPay.',
  },
  amountDue: 'Amount due',
  amountPaid: 'Paid',
  refundedOf: (refunded, paid) => `${refunded} of ${paid} refunded`,
  allRefunded: (amount) => `${amount} refunded`,
  refunding: (amount) => `${amount} being refunded`,
  details: 'Payment details',
  orderReference: 'Order',
  paidAt: 'Paid at',
  method: 'Method',
  cash: 'Cash',
  paymentId: 'Payment ID',
  timeLeft: 'Time left',
  validUntil: (time) => `Valid until ${time}`,
  payUntil: (time) => `Please pay by ${time}`,
  qrLabel: (amount) => `QR code to pay ${amount} with PayPay`,
  showQr: 'Show QR code',
  tryAgain: 'Try again',
  refresh: 'Show the latest status',
  openApp: 'Pay in the PayPay app',
  orScan: 'To pay from another device, scan this QR code',
  busy: 'Preparing your QR code…',
  print: 'Print receipt',
  receipt: 'Payment receipt',
  connectionLost: 'Connection lost. This page will update when you are back online; your payment is safe.',
  connectionBack: 'Connected again.',
  sandbox: 'Test mode. No real money moves.',
  sandboxPay: 'Try paying',
  errors: {
    link: {
      title: 'This link does not work',
      hint: 'It is incomplete or has expired. Please open the link from the shop again.',
    },
    unknown: { title: 'Payment not found', hint: 'Please check the link, or ask the shop.' },
    method: { title: 'This page cannot do that', hint: 'Please open the link from the shop again.' },
    request: {
      title: 'PayPay cannot be used here',
      hint: "The shop's settings need attention. Please ask the staff.",
    },
    unavailable: {
      title: 'PayPay cannot be reached',
      hint: 'Wait a moment, then try again. If you have already paid, this page will show it.',
    },
    busy: { title: 'Very busy right now', hint: 'Wait a moment, then try again.' },
    fault: {
      title: 'Something went wrong',
      hint: 'Wait a moment, then try again. If the problem persists, please ask the staff.',
    },
  },
};

export const TEXTS: Readonly<Record<Language, Texts>> = { ja, en };

/** The page's language for a language tag (`en`, `ja-JP`); undefined when the page does not have it. */
export function languageOf(tag: string | undefined): Language | undefined {
  const name = tag?.split(/[-_]/)[0]?.toLowerCase();
  return name === 'ja' || name === 'en' ? name : undefined;
}

/**
 * The language to show: the first of these that the page has.
 * @param preferred `?lang=`
 * @param accepted Accept-Language, most preferred first; `*` when the browser does not send it
 */
export function chooseLanguage(preferred: string | undefined, accepted: readonly string[]): Language {
  const first = [preferred, ...accepted].map(languageOf).find((language) => language !== undefined);
  // A browser that asks for other languages gets English. One that asks for none is probably in Japan.
  return first ?? (accepted.every((tag) => tag === '*') ? 'ja' : 'en');
}
