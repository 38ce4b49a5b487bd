/**
 * The texts of the payment page in Japanese.
 */
import type { Texts } from './types.ts';

export const ja: Texts = {
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
