/**
 * The texts of the payment page in Japanese, with `|` between phrases, within which no line breaks.
 */
import type { Texts, TillTexts } from './types.ts';

const till: TillTexts = {
  hints: {
    ready: 'QRコードを|準備しています…',
    scan: 'PayPayアプリで|QRコードを|読み取ってください。',
    processing: 'このまま|お待ちください。',
    failed: '代金は|支払われていません。|PayPayの|残高などを|ご確認ください。',
    paid: 'ありがとうございました。',
    cancelled: 'スタッフに|お声がけください。',
    expired: 'スタッフに|お声がけください。',
    refund_pending: '返金は|まだ|完了していません。',
    partly_refunded: 'ありがとうございました。',
    refunded: 'ありがとうございました。',
    cash: 'スタッフに|代金を|お渡しください。',
    codeRefused: '代金は|支払われていません。',
  },
  staff: 'スタッフの方へ',
  advice: {
    failed: '新しいQRコードを|自動で|表示します。|表示されない|場合は、|レジで|会計を|やり直してください。',
    cancelled: 'お客様が|お支払いを|希望される|場合は、|レジで|新しい会計を|始めてください。',
    expired:
      'お客様が|支払い済みと|おっしゃる|場合は、|新しい会計を|始める前に、|レジで|支払い状況を|ご確認ください。',
  },
  errorAdvice: {
    link: 'レジから|この会計を|もう一度|表示してください。',
    unknown: 'レジから|この会計を|もう一度|表示してください。',
    method: 'レジから|この会計を|もう一度|表示してください。',
    request: 'この店舗では|PayPayの|設定が|完了していません。|管理者に|ご連絡ください。',
    unavailable: '自動で|再接続します。|現金で|受け取る|場合は、|先に|レジで|この会計を|取り消してください。',
    busy: '自動で|再接続します。',
    fault: '自動で|再接続します。|続く|場合は、|レジで|会計を|やり直してください。',
  },
};

export const ja: Texts = {
  locale: 'ja-JP',
  name: '日本語',
  languages: '言語',
  states: {
    ready: { title: 'PayPayで|お支払い', hint: 'ボタンを|押すと、|お支払いを|始めます。' },
    scan: { title: 'PayPayで|スキャン', hint: 'PayPayアプリで|このQRコードを|読み取ってください。' },
    processing: {
      title: 'PayPayに|確認しています',
      hint: 'このまま|お待ちください。|二重に|支払われる|ことは|ありません。',
    },
    failed: {
      title: 'お支払いが|完了しませんでした',
      hint: '代金は|支払われていません。|PayPayの|残高などを|ご確認の|うえ、|もう一度|お試しください。',
    },
    paid: {
      title: 'お支払いが|完了しました',
      hint: 'お店にも|通知されています。|店頭では、|スタッフが|レジの画面で|確認できます。',
    },
    cancelled: {
      title: 'お支払いは|キャンセルされました',
      // The payer may have paid at the last moment.
      hint: '万一|お支払い済みの|場合は、|自動的に|返金されます。|あらためて|お支払いに|なる場合は、|お店に|お声がけください。',
    },
    expired: {
      title: 'お支払いの|期限が|切れました',
      hint: '期限内の|お支払いを|確認できませんでした。|お支払いに|なる場合は、|お店に|お声がけください。',
    },
    refund_pending: {
      title: '返金の|手続き中です',
      hint: '返金は|まだ|完了していません。|完了すると、|この画面に|表示されます。',
    },
    partly_refunded: {
      title: '一部が|返金されました',
      hint: 'ご不明な点は、|お店に|お問い合わせください。',
    },
    refunded: { title: '全額が|返金されました', hint: 'ご不明な点は、|お店に|お問い合わせください。' },
    cash: {
      title: 'レジで|お支払いください',
      hint: 'スタッフが|代金を|受け取ると、|この画面が|変わります。',
    },
  },
  ownPhone: {
    title: 'PayPayで|お支払い',
    hint: 'PayPayアプリで|お支払いの|あと、|この画面に|お戻りください。',
  },
  codeRefused: {
    title: 'お支払いを|始められませんでした',
    hint: '代金は|支払われていません。|少し待って、|もう一度|お試しください。|続く|場合は|スタッフに|お声がけください。',
  },
  renewing: {
    title: '新しいコードを|準備しています',
    hint: '前のコードは|期限が|切れました。|少しだけ|お待ちください。',
  },
  lapsed: {
    title: '新しいコードが|必要です',
    hint: '前のコードは|もう|使えません。|ボタンを|押すと、|新しいコードを|表示します。',
  },
  returned: {
    title: 'お支払いは|返金されました',
    hint: 'いったん|支払われた|代金は、|PayPayで|お客様に|返金されました。',
  },
  till,
  amountDue: 'お支払い金額',
  amountPaid: 'お支払い済み',
  amountClosed: '金額（お支払いは|終了しました）',
  refundedOf: (refunded, paid) => `${paid}のうち|${refunded}を|返金済み`,
  allRefunded: (amount) => `${amount}を|返金済み`,
  refunding: (amount) => `${amount}を|返金手続き中`,
  details: 'お支払い内容',
  orderReference: '注文番号',
  paidAt: '支払い日時',
  paidAtTime: '支払い時刻',
  timeNow: '現在の時刻',
  method: '支払い方法',
  cash: '現金',
  providerPaymentId: 'PayPay決済番号',
  paymentId: '支払い番号',
  timeLeft: '残り時間',
  validUntil: (time) => `${time} まで有効`,
  payUntil: (time) => `お支払い期限 ${time}`,
  qrLabel: (amount) => `PayPayで${amount}を支払うQRコード`,
  start: 'お支払いを始める',
  tryAgain: 'もう一度試す',
  refresh: '最新の状態を表示',
  openApp: 'PayPayで支払う',
  otherDevice: 'ほかの端末で支払う',
  cashToo: 'レジで|現金でも|お支払い|いただけます。',
  busy: 'お支払いを準備しています…',
  backToShop: 'お店に戻る',
  contact: 'ご注文に関するお問い合わせ',
  print: '控えを印刷',
  receipt: 'お支払いの控え',
  connectionLost: '接続が|切れました。|つながり次第、|自動で|更新します。|お支払いへの|影響は|ありません。',
  connectionBack: '再び|接続しました。',
  sandbox: 'テスト環境',
  sandboxHint: '実際の|お金は|動きません。',
  sandboxReceipt: 'テスト環境の控えです。|実際の|支払いは|ありません。',
  sandboxPay: '支払いを試す',
  errors: {
    link: {
      title: 'このリンクは|使えません',
      hint: 'リンクが|途中で|切れているか、|期限が|過ぎています。|お店から|届いた|リンクを|もう一度|開いてください。',
    },
    unknown: {
      title: 'お支払いが|見つかりません',
      hint: 'リンクを|ご確認ください。|分からない|場合は、|お店に|お問い合わせください。',
    },
    method: {
      title: 'この操作は|できません',
      hint: 'お店から|届いた|リンクを|もう一度|開いてください。',
    },
    request: {
      title: 'PayPayでの|お支払いを|始められません',
      hint: 'お店側で|設定の|確認が|必要です。|スタッフに|お声がけください。',
    },
    unavailable: {
      title: 'ただいま|PayPayに|つながりません',
      hint: '少し待って、|もう一度|お試しください。|お支払い済みの|場合は、|この画面に|表示されます。',
    },
    busy: {
      title: 'ただいま|混み合っています',
      hint: '少し待って、|もう一度|お試しください。',
    },
    fault: {
      title: '問題が|発生しました',
      hint: '少し待って、|もう一度|お試しください。|続く|場合は|スタッフに|お声がけください。',
    },
  },
};
