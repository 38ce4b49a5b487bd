/**
 * Texts of the acts on a payment, and of their refusals.
 */
import type { PaymentIntentStatus } from '../../../../domain/payment.ts';
import { inBoth } from '../language.ts';

/** What an act reports when it is done; part of the address of the page after it. */
export const DONE = ['refunded', 'returned', 'cancelled', 'captured', 'noted'] as const;
export type Done = (typeof DONE)[number];

interface ActTexts {
  readonly title: string;
  readonly none: string;
  readonly refresh: string;
  readonly refreshHint: string;
  readonly refund: string;
  readonly refundExplanation: (limit: string | undefined) => string;
  readonly amount: (currency: string) => string;
  readonly atMost: (amount: string) => string;
  readonly method: string;
  readonly refundReason: string;
  readonly description: string;
  readonly descriptionHint: string;
  readonly cancel: string;
  readonly cancelExplanation: string;
  readonly capture: string;
  readonly captureExplanation: string;
  readonly staff: string;
  readonly staffHint: string;
  readonly till: string;
  readonly note: string;
  readonly noteExplanation: string;
  readonly noteLabel: string;
  readonly done: Readonly<Record<Done, string>>;
  readonly problems: {
    readonly amount: (example: string) => string;
    readonly staff: string;
    readonly form: string;
    readonly formUsed: (refundId: string) => string;
    readonly operatorLimit: (amount: string) => string;
    readonly max: (amount: string) => string;
    readonly nothingLeft: string;
    readonly windowOver: string;
    readonly tooMany: string;
    readonly status: (status: string) => string;
    readonly unavailable: string;
    readonly unknown: string;
    readonly busy: string;
    readonly codeOpen: string;
  };
  readonly statuses: Readonly<Record<PaymentIntentStatus, string>>;
}

export const actTexts = inBoth<ActTexts>({
  en: {
    title: 'Acts',
    none: 'You can do nothing with this payment now.',
    refresh: 'Read from PayPay now',
    refreshHint: 'Shows PayPay’s own record beside ours.',
    refund: 'Refund',
    refundExplanation: (limit) =>
      `The payer gets the money back. This cannot be undone.${limit === undefined ? '' : ` You may refund up to ${limit} at once.`}`,
    amount: (currency) => `Amount in ${currency}`,
    atMost: (amount) => `At most ${amount}`,
    method: 'How the money goes back',
    refundReason: 'Reason for the merchant’s records',
    description: 'Description',
    descriptionHint: 'Optional; the merchant sees it, the payer does not',
    cancel: 'Cancel payment',
    cancelExplanation:
      'The code is withdrawn first. If the payer has paid meanwhile, the payment counts as paid and is not cancelled.',
    capture: 'Record cash',
    captureExplanation:
      'Records that the shop’s staff have taken the money in cash. A code that is still open is withdrawn first.',
    staff: 'Who took the money',
    staffHint: 'Name or number of the member of staff',
    till: 'Till',
    note: 'Add a note',
    noteLabel: 'Note',
    noteExplanation: 'The note appears in the timeline. It cannot be changed or removed.',
    done: {
      refunded: 'The refund is ordered. It is carried out in the background.',
      returned: 'The money returned in cash is recorded.',
      cancelled: 'The payment is cancelled.',
      captured: 'The cash is recorded.',
      noted: 'The note is added.',
    },
    problems: {
      amount: (example) => `Enter an amount such as ${example}.`,
      staff: 'Enter who took the money.',
      form: 'The form is incomplete. Open the page again.',
      formUsed: (id) =>
        `This form has already made the refund ${id}. For another one, check what is left and send the form again.`,
      operatorLimit: (amount) =>
        `You may refund at most ${amount} at once. Ask an operator with a higher limit.`,
      max: (amount) => `The amount is too high: at most ${amount}.`,
      nothingLeft: 'Nothing is left to refund.',
      windowOver: 'PayPay’s refund period of this payment is over. Return the money in cash.',
      tooMany: 'This payment has 50 refunds, which is the maximum. Return the rest outside the gateway.',
      status: (status) => `This is not possible any more: the payment is ${status}.`,
      unavailable: 'PayPay takes no requests at the moment. Nothing was changed; try again later.',
      unknown:
        'PayPay gave no reliable response. The gateway finds out what happened; look again in a moment.',
      busy: 'Another request is working on this payment. Try again in a moment.',
      codeOpen: 'The last code may still be paid, so this has to wait for its end. Try again in a moment.',
    },
    statuses: {
      requires_payment_method: 'not paid yet',
      requires_action: 'waiting for the payer',
      processing: 'being checked',
      succeeded: 'paid',
      cancelled: 'cancelled',
      expired: 'expired',
    },
  },
  ja: {
    title: '操作',
    none: 'この決済に対して現在できる操作はありません。',
    refresh: 'PayPayから再取得',
    refreshHint: 'PayPayの記録をゲートウェイの記録と並べて表示します。',
    refund: '返金',
    refundExplanation: (limit) =>
      `代金をお客様に返金します。取り消せません。${limit === undefined ? '' : `1回の返金の上限は${limit}です。`}`,
    amount: (currency) => `金額（${currency}）`,
    atMost: (amount) => `${amount}まで`,
    method: '返金方法',
    refundReason: '加盟店向けの返金理由',
    description: '説明',
    descriptionHint: '任意。加盟店には表示され、お客様には表示されません',
    cancel: '決済をキャンセル',
    cancelExplanation:
      '先にコードを無効化します。その間にお客様が支払った場合は、支払い済みとなり、キャンセルされません。',
    capture: '現金受領を記録',
    captureExplanation: '店舗で現金を受領したことを記録します。有効なコードがあれば、先に無効化します。',
    staff: '受領した担当者',
    staffHint: '担当者の氏名または番号',
    till: 'レジ',
    note: 'メモを追加',
    noteLabel: 'メモ',
    noteExplanation: 'メモはタイムラインに表示されます。変更や削除はできません。',
    done: {
      refunded: '返金を受け付けました。順次処理されます。',
      returned: '現金での返金を記録しました。',
      cancelled: '決済をキャンセルしました。',
      captured: '現金の受領を記録しました。',
      noted: 'メモを追加しました。',
    },
    problems: {
      amount: (example) => `金額は${example}のように入力してください。`,
      staff: '受領した担当者を入力してください。',
      form: 'フォームの内容が不足しています。ページを開き直してください。',
      formUsed: (id) =>
        `このフォームではすでに返金${id}を受け付けています。続けて返金する場合は、残額を確認してからもう一度送信してください。`,
      operatorLimit: (amount) =>
        `1回に返金できるのは${amount}までです。上限の高いオペレーターに依頼してください。`,
      max: (amount) => `金額が大きすぎます。${amount}以下で入力してください。`,
      nothingLeft: '返金できる残額がありません。',
      windowOver: 'PayPayの返金期限を過ぎています。現金で返金してください。',
      tooMany: '返金回数が上限の50回に達しています。残額はゲートウェイを使わずに返金してください。',
      status: (status) => `この決済は「${status}」のため、この操作はできません。`,
      unavailable:
        'PayPayが現在リクエストを受け付けていません。変更は行われていません。しばらくしてからお試しください。',
      unknown:
        'PayPayから確実な応答がありませんでした。結果は自動で確認されます。しばらくしてからご確認ください。',
      busy: '別の処理がこの決済を更新中です。しばらくしてからもう一度お試しください。',
      codeOpen:
        '前のコードがまだ支払われる可能性があるため、終了を待つ必要があります。しばらくしてからお試しください。',
    },
    statuses: {
      requires_payment_method: '未払い',
      requires_action: '支払い待ち',
      processing: '確認中',
      succeeded: '支払い済み',
      cancelled: 'キャンセル済み',
      expired: '期限切れ',
    },
  },
});
