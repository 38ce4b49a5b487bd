/**
 * Texts of the timeline of a payment: what happened, in words.
 */
import type { ActType } from '../../../../domain/audit/act.ts';
import type { PaymentEventType } from '../../../../domain/payment.ts';
import type { HistoryKind } from '../../../../services/operator/payment/history.ts';
import { inBoth } from '../language.ts';

/** What a payment is the object of. */
export type PaymentAct = Extract<ActType, `payment.${string}` | 'refund.created'>;

interface TimelineTexts {
  readonly title: string;
  readonly filterLabel: string;
  readonly all: string;
  readonly kinds: Readonly<Record<HistoryKind, string>>;
  readonly empty: string;
  readonly cut: string;
  readonly pages: string;
  readonly newer: string;
  readonly older: string;
  readonly details: string;
  readonly events: Readonly<Record<PaymentEventType, string>>;
  readonly acts: Readonly<Record<PaymentAct, string>>;
  readonly otherAct: string;
  readonly actors: Readonly<Record<string, string>>;
  readonly key: (id: string) => string;
  /** By the operation's name. */
  readonly calls: Readonly<Record<string, string>>;
  readonly times: (count: number) => string;
  readonly answered: (code: string, ms: string) => string;
  readonly noAnswer: string;
  readonly notSent: string;
  readonly unreadable: string;
  readonly firstCall: string;
  readonly lastCall: string;
  readonly requestId: string;
  readonly webhook: (type: string) => string;
  readonly webhookStatus: Readonly<Record<'received' | 'processed' | 'ignored' | 'orphaned', string>>;
  readonly delivery: (event: string) => string;
  readonly delivered: (status: string, tries: number) => string;
  readonly deliveryPending: (tries: number) => string;
  readonly deliveryFailed: (why: string, tries: number) => string;
  readonly nextTry: string;
  readonly noResponse: string;
  readonly redeliver: string;
  readonly replay: string;
  readonly open: string;
  readonly staff: string;
  readonly till: string;
  readonly attempt: string;
  readonly refund: string;
}

function triesText(tries: number): string {
  return tries === 1 ? '1 try' : `${tries} tries`;
}

export const timelineTexts = inBoth<TimelineTexts>({
  en: {
    title: 'Timeline',
    filterLabel: 'Kind of entry',
    all: 'All',
    kinds: {
      events: 'Payment',
      calls: 'PayPay calls',
      webhooks: 'PayPay webhooks',
      deliveries: 'Deliveries',
      acts: 'Operators',
    },
    empty: 'Nothing of this kind has happened.',
    cut: 'Only the newest 500 entries of each kind are shown.',
    pages: 'Pages of the timeline',
    newer: 'Newest',
    older: 'Older',
    details: 'Details',
    events: {
      created: 'Payment created',
      confirmed: 'Payer chose PayPay',
      cancelled: 'Cancelled',
      captured: 'Cash taken',
      expired: 'Expired',
      succeeded: 'Paid',
      create_begun: 'Code requested again',
      code_created: 'QR code created',
      code_refused: 'PayPay made no code',
      code_unseen: 'A code may exist that was never received',
      close_begun: 'Withdrawal of the code begun',
      lapsed: 'Attempt ended unpaid',
      abandoned: 'Code given up; PayPay returns any money',
      payment_failed: 'Payment failed at PayPay',
      outcome_unknown: 'Outcome unknown; checking',
      refund_due: 'Money to be returned by the gateway',
      refund_created: 'Refund created',
      refund_delayed: 'Refund delayed',
      refund_succeeded: 'Refund made',
      refund_failed: 'Refund failed',
      refunded: 'Refunded in full',
    },
    acts: {
      'payment.refreshed': 'Read from PayPay',
      'payment.cancelled': 'Cancellation requested',
      'payment.captured': 'Capture in cash requested',
      'payment.noted': 'Note',
      'refund.created': 'Refund ordered',
    },
    otherAct: 'Act',
    actors: {
      operator: 'operator',
      payer: 'payer',
      webhook: 'PayPay webhook',
      poller: 'regular check',
      retrieve: 'merchant’s request',
      gateway: 'gateway',
      provider: 'PayPay’s console',
      expiry: 'expiry',
      refunds: 'gateway',
    },
    key: (id) => `API key ${id}`,
    calls: {
      createCode: 'Create code',
      deleteCode: 'Delete code',
      paymentDetails: 'Read payment',
      cancelPayment: 'Cancel payment',
      createRefund: 'Create refund',
      refundDetails: 'Read refund',
    },
    times: (count) => `${count} times`,
    answered: (code, ms) => `PayPay responded ${code} in ${ms}.`,
    noAnswer: 'PayPay did not respond.',
    notSent: 'PayPay could not be reached; nothing was sent.',
    unreadable: 'PayPay’s response was not readable.',
    firstCall: 'First',
    lastCall: 'Last',
    requestId: 'PayPay request id',
    webhook: (type) => `PayPay webhook ${type}`,
    webhookStatus: {
      received: 'Waiting to be processed.',
      processed: 'Processed.',
      ignored: 'Ignored.',
      orphaned: 'About a payment that the gateway does not know.',
    },
    delivery: (event) => `${event} to the merchant`,
    delivered: (status, tries) =>
      `Delivered: HTTP ${status}${tries > 1 ? ` after ${triesText(tries)}` : ''}.`,
    deliveryPending: (tries) => (tries === 0 ? 'Not tried yet.' : `Not delivered after ${triesText(tries)}.`),
    deliveryFailed: (why, tries) => `Failed after ${triesText(tries)}: ${why}.`,
    nextTry: 'Next try',
    noResponse: 'no response',
    redeliver: 'Deliver again',
    replay: 'Process again',
    open: 'Show delivery',
    staff: 'staff',
    till: 'till',
    attempt: 'Attempt',
    refund: 'Refund',
  },
  ja: {
    title: 'タイムライン',
    filterLabel: '種類',
    all: 'すべて',
    kinds: {
      events: '決済',
      calls: 'PayPay API',
      webhooks: 'PayPay Webhook',
      deliveries: '加盟店への配信',
      acts: 'オペレーター',
    },
    empty: 'この種類の記録はありません。',
    cut: '種類ごとに最新の500件のみ表示しています。',
    pages: 'タイムラインのページ',
    newer: '最新',
    older: '以前の記録',
    details: '詳細',
    events: {
      created: '決済を作成',
      confirmed: 'PayPayでの支払いを選択',
      cancelled: 'キャンセル',
      captured: '現金を受領',
      expired: '期限切れ',
      succeeded: '支払い完了',
      create_begun: 'コードを再要求',
      code_created: 'QRコードを発行',
      code_refused: 'PayPayがコードを発行しませんでした',
      code_unseen: '受け取れなかったコードが存在する可能性があります',
      close_begun: 'コードの無効化を開始',
      lapsed: '未払いで終了',
      abandoned: 'コードを破棄（支払われた場合はPayPayが返金）',
      payment_failed: 'PayPayでの支払いに失敗',
      outcome_unknown: '結果不明のため確認中',
      refund_due: '自動返金の対象',
      refund_created: '返金を作成',
      refund_delayed: '返金が遅延',
      refund_succeeded: '返金完了',
      refund_failed: '返金失敗',
      refunded: '全額返金完了',
    },
    acts: {
      'payment.refreshed': 'PayPayから再取得',
      'payment.cancelled': 'キャンセルを指示',
      'payment.captured': '現金受領の記録を指示',
      'payment.noted': 'メモ',
      'refund.created': '返金を指示',
    },
    otherAct: '操作',
    actors: {
      operator: 'オペレーター',
      payer: 'お客様',
      webhook: 'PayPay Webhook',
      poller: '定期確認',
      retrieve: '加盟店の照会',
      gateway: 'ゲートウェイ',
      provider: 'PayPay管理画面',
      expiry: '期限処理',
      refunds: 'ゲートウェイ',
    },
    key: (id) => `APIキー ${id}`,
    calls: {
      createCode: 'コード発行',
      deleteCode: 'コード削除',
      paymentDetails: '決済照会',
      cancelPayment: '決済取消',
      createRefund: '返金',
      refundDetails: '返金照会',
    },
    times: (count) => `${count}回`,
    answered: (code, ms) => `PayPayの応答：${code}（${ms}）`,
    noAnswer: 'PayPayから応答がありませんでした。',
    notSent: 'PayPayに接続できず、送信していません。',
    unreadable: 'PayPayの応答を読み取れませんでした。',
    firstCall: '最初',
    lastCall: '最後',
    requestId: 'PayPayリクエストID',
    webhook: (type) => `PayPay Webhook ${type}`,
    webhookStatus: {
      received: '処理待ちです。',
      processed: '処理済みです。',
      ignored: '処理対象外です。',
      orphaned: '該当する決済がありません。',
    },
    delivery: (event) => `加盟店へ ${event}`,
    delivered: (status, tries) => `配信済み：HTTP ${status}${tries > 1 ? `（${tries}回目）` : ''}`,
    deliveryPending: (tries) => (tries === 0 ? '未配信です。' : `${tries}回試行しましたが、未配信です。`),
    deliveryFailed: (why, tries) => `${tries}回試行して失敗：${why}`,
    nextTry: '次の試行',
    noResponse: '応答なし',
    redeliver: '再配信',
    replay: '再処理',
    open: '配信の詳細',
    staff: '担当者',
    till: 'レジ',
    attempt: '試行',
    refund: '返金',
  },
});
