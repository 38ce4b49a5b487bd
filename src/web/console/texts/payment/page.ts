/**
 * Texts of the page of a payment, without its timeline and its acts.
 */
import type { ReturnReason } from '../../../../domain/payment.ts';
import type { RefundReason } from '../../../../domain/refunds/refund.ts';
import type { ComparedField } from '../../../../services/operator/payment/compare-records.ts';
import { inBoth } from '../language.ts';

interface PageTexts {
  readonly title: (amount: string) => string;
  readonly parent: string;
  readonly money: string;
  readonly nothingTaken: string;
  readonly facts: string;
  readonly labels: Readonly<
    Record<
      | 'merchant'
      | 'store'
      | 'till'
      | 'order'
      | 'description'
      | 'method'
      | 'created'
      | 'expires'
      | 'paid'
      | 'cancelled'
      | 'expired'
      | 'refundsUntil'
      | 'payPayNumber'
      | 'returnUrl'
      | 'timeZone',
      string
    >
  >;
  readonly methods: Readonly<Record<string, string>>;
  readonly attempts: string;
  readonly noAttempts: string;
  readonly attempt: string;
  readonly status: string;
  readonly begun: string;
  readonly ended: string;
  readonly checked: string;
  readonly nextCheck: string;
  readonly payPayRequests: string;
  readonly none: string;
  readonly refunds: string;
  readonly noRefunds: string;
  readonly refund: string;
  readonly amount: string;
  readonly by: string;
  readonly why: string;
  readonly nextTry: string;
  readonly origins: Readonly<Record<'merchant' | 'gateway' | 'provider', string>>;
  readonly refundMethods: Readonly<Record<'provider' | 'cash', string>>;
  readonly reasons: Readonly<Record<RefundReason, string>>;
  readonly returnReasons: Readonly<Record<ReturnReason, string>>;
  readonly record: string;
  readonly ours: string;
  readonly theirs: string;
  readonly readAt: string;
  readonly agree: string;
  readonly differ: string;
  readonly unreadable: string;
  readonly busy: string;
  readonly slow: string;
  readonly noAttemptToRead: string;
  readonly fields: Readonly<Record<ComparedField['name'], string>>;
}

export const paymentTexts = inBoth<PageTexts>({
  en: {
    title: (amount) => `Payment of ${amount}`,
    parent: 'Payments',
    money: 'Money',
    nothingTaken: 'No money has been taken.',
    facts: 'Payment',
    labels: {
      merchant: 'Merchant',
      store: 'Store',
      till: 'Till',
      order: 'Order',
      description: 'Description',
      method: 'Method',
      created: 'Created',
      expires: 'Expires',
      paid: 'Paid',
      cancelled: 'Cancelled',
      expired: 'Expired',
      refundsUntil: 'Refundable until',
      payPayNumber: 'PayPay number',
      returnUrl: 'Return URL',
      timeZone: 'Time zone',
    },
    methods: { qr_mpm: 'PayPay, QR code', cash: 'Cash' },
    attempts: 'Attempts',
    noAttempts: 'The payer has not begun to pay with PayPay.',
    attempt: 'Attempt',
    status: 'Status',
    begun: 'Begun',
    ended: 'Ended',
    checked: 'Last checked',
    nextCheck: 'Next check',
    payPayRequests: 'PayPay request ids',
    none: '–',
    refunds: 'Refunds',
    noRefunds: 'Nothing has been refunded.',
    refund: 'Refund',
    amount: 'Amount',
    by: 'Made by',
    why: 'Reason',
    nextTry: 'Next try:',
    origins: { merchant: 'Merchant', gateway: 'Gateway', provider: 'PayPay’s console' },
    refundMethods: { provider: 'PayPay', cash: 'Cash' },
    reasons: {
      requested_by_customer: 'Requested by the customer',
      duplicate: 'Paid twice',
      fraudulent: 'Fraud',
      other: 'Other',
    },
    returnReasons: {
      paid_after_cancel: 'Paid after it was cancelled',
      paid_after_expiry: 'Paid after it had expired',
      second_payment: 'Paid twice',
      paid_after_abandon: 'Paid with a code that was given up',
    },
    record: 'PayPay’s record',
    ours: 'Gateway',
    theirs: 'PayPay',
    readAt: 'Read',
    agree: 'Both records agree.',
    differ:
      'The records differ. The gateway keeps checking; if the difference stays, ask PayPay with the ids below.',
    unreadable: 'PayPay’s record could not be read.',
    busy: 'Another request is working on this attempt. Try again in a moment.',
    slow: 'PayPay has not responded within 20 seconds. The read goes on; look at the timeline in a moment.',
    noAttemptToRead: 'PayPay has no record: the payer has not begun to pay with PayPay.',
    fields: {
      status: 'Status',
      amount: 'Amount',
      paid_at: 'Paid at',
      payment_id: 'PayPay number',
      refunded: 'Refunded',
      held: 'Still held',
      refund: 'Refund',
    },
  },
  ja: {
    title: (amount) => `${amount}の決済`,
    parent: '決済',
    money: '金額',
    nothingTaken: '代金は受領していません。',
    facts: '決済内容',
    labels: {
      merchant: '加盟店',
      store: '店舗',
      till: 'レジ',
      order: '注文番号',
      description: '説明',
      method: '支払方法',
      created: '作成日時',
      expires: '有効期限',
      paid: '支払日時',
      cancelled: 'キャンセル日時',
      expired: '失効日時',
      refundsUntil: '返金期限',
      payPayNumber: 'PayPay決済番号',
      returnUrl: '戻り先URL',
      timeZone: 'タイムゾーン',
    },
    methods: { qr_mpm: 'PayPay（QRコード）', cash: '現金' },
    attempts: '支払いの試行',
    noAttempts: 'PayPayでの支払いはまだ始まっていません。',
    attempt: '試行',
    status: 'ステータス',
    begun: '開始',
    ended: '終了',
    checked: '最終確認',
    nextCheck: '次の確認',
    payPayRequests: 'PayPayリクエストID',
    none: '–',
    refunds: '返金',
    noRefunds: '返金はありません。',
    refund: '返金',
    amount: '金額',
    by: '実行者',
    why: '理由',
    nextTry: '次の試行：',
    origins: { merchant: '加盟店', gateway: 'ゲートウェイ', provider: 'PayPay管理画面' },
    refundMethods: { provider: 'PayPay', cash: '現金' },
    reasons: {
      requested_by_customer: 'お客様の希望',
      duplicate: '二重払い',
      fraudulent: '不正利用',
      other: 'その他',
    },
    returnReasons: {
      paid_after_cancel: 'キャンセル後の支払い',
      paid_after_expiry: '期限切れ後の支払い',
      second_payment: '二重払い',
      paid_after_abandon: '破棄したコードでの支払い',
    },
    record: 'PayPayの記録',
    ours: 'ゲートウェイ',
    theirs: 'PayPay',
    readAt: '取得日時',
    agree: '両方の記録は一致しています。',
    differ:
      '記録が一致していません。自動確認は続きます。解消しない場合は、下記のIDを添えてPayPayにお問い合わせください。',
    unreadable: 'PayPayの記録を取得できませんでした。',
    busy: '別の処理がこの試行を確認中です。しばらくしてからもう一度お試しください。',
    slow: '20秒以内にPayPayから応答がありませんでした。取得は続いています。しばらくしてからタイムラインをご確認ください。',
    noAttemptToRead: 'PayPayでの支払いが始まっていないため、PayPayに記録はありません。',
    fields: {
      status: 'ステータス',
      amount: '金額',
      paid_at: '支払日時',
      payment_id: 'PayPay決済番号',
      refunded: '返金済み',
      held: '残額',
      refund: '返金',
    },
  },
});
