/**
 * What the statuses of payments, attempts and refunds mean, and what happens next.
 */
import type { AttemptStatus } from '../../../../domain/payment.ts';
import type { PendingReason, RefundStatus } from '../../../../domain/refunds/refund.ts';
import type { ReadRecord } from '../../../../services/operator/payment/compare-records.ts';
import type { Phase } from '../../pages/payment/phase.ts';
import { inBoth } from '../language.ts';

interface PhaseTexts {
  readonly label: string;
  readonly meaning: string;
  readonly next: string;
}

interface StatusTexts {
  readonly phases: Readonly<Record<Phase, PhaseTexts>>;
  readonly attempts: Readonly<Record<AttemptStatus, string>>;
  readonly refunds: Readonly<Record<RefundStatus, string>>;
  readonly pendingReasons: Readonly<Record<PendingReason, string>>;
  readonly records: Readonly<Record<ReadRecord['kind'], string>>;
}

export const statusTexts = inBoth<StatusTexts>({
  en: {
    phases: {
      requires_payment_method: {
        label: 'Not paid yet',
        meaning: 'The payer has not chosen how to pay.',
        next: 'It expires at the time below unless it is paid or cancelled before.',
      },
      attempt_failed: {
        label: 'Attempt failed',
        meaning: 'The last attempt to pay has failed; the attempts below say why.',
        next: 'The payer can try again until it expires at the time below.',
      },
      requires_action: {
        label: 'Waiting for the payer',
        meaning: 'A QR code is ready to be scanned in the PayPay app.',
        next: 'The gateway keeps asking PayPay, and the status changes by itself when the payer has paid.',
      },
      processing: {
        label: 'Checking with PayPay',
        meaning: 'The gateway has asked PayPay and does not know the outcome yet.',
        next: 'It asks again by itself until PayPay has a definite outcome. No money is lost or taken twice.',
      },
      succeeded: {
        label: 'Paid',
        meaning: 'The money was taken.',
        next: 'Nothing is open. It can be refunded.',
      },
      refund_pending: {
        label: 'Refund pending',
        meaning: 'The money was taken, and a refund is under way.',
        next: 'The gateway tries until PayPay has made or refused the refund. That can take days.',
      },
      partly_refunded: {
        label: 'Partly refunded',
        meaning: 'A part of the money was returned to the payer.',
        next: 'Nothing is open. The rest can be refunded.',
      },
      refunded: {
        label: 'Refunded',
        meaning: 'All of the money was returned to the payer.',
        next: 'Nothing is open.',
      },
      cancelled: {
        label: 'Cancelled',
        meaning: 'It was stopped before any money was taken.',
        next: 'If the payer pays the old code after all, the gateway returns the money by itself.',
      },
      expired: {
        label: 'Expired',
        meaning: 'Its time ended before it was paid.',
        next: 'If the payer pays the old code after all, the gateway returns the money by itself.',
      },
    },
    attempts: {
      creating: 'Requesting a code',
      live: 'Code can be paid',
      closing: 'Withdrawing the code',
      abandoning: 'Giving up a code that was never received',
      succeeded: 'Paid',
      failed: 'Failed',
      lapsed: 'Ended unpaid',
      abandoned: 'Given up',
    },
    refunds: { pending: 'Pending', succeeded: 'Refunded', failed: 'Failed' },
    pendingReasons: {
      provider_processing: 'PayPay has to carry it out. It may wait until the merchant’s sales cover it.',
      provider_unavailable:
        'PayPay cannot be reached or takes no refunds at present. The gateway tries again.',
      waiting_for_other_refund: 'Another refund of this payment comes first.',
      waiting_for_approval: 'An operator has to approve it.',
    },
    records: {
      succeeded: 'Paid',
      returned: 'Returned in full',
      pending: 'Not paid yet',
      failed: 'Failed or cancelled',
      not_found: 'No payment',
    },
  },
  ja: {
    phases: {
      requires_payment_method: {
        label: '未払い',
        meaning: 'お客様はまだ支払方法を選んでいません。',
        next: '支払いもキャンセルもなければ、下記の期限に失効します。',
      },
      attempt_failed: {
        label: '支払い失敗',
        meaning: '直近の支払いは完了しませんでした。理由は下記の「支払いの試行」をご覧ください。',
        next: 'お客様は下記の期限までもう一度支払えます。',
      },
      requires_action: {
        label: '支払い待ち',
        meaning: 'PayPayアプリで読み取るQRコードが有効です。',
        next: 'PayPayへの確認は自動で続き、支払いが完了するとステータスが自動で変わります。',
      },
      processing: {
        label: 'PayPayに確認中',
        meaning: 'PayPayに問い合わせましたが、結果がまだ確定していません。',
        next: '結果が確定するまで自動で再確認します。二重に請求されたり、代金が失われたりすることはありません。',
      },
      succeeded: {
        label: '支払い済み',
        meaning: '代金を受領しました。',
        next: '残っている処理はありません。返金できます。',
      },
      refund_pending: {
        label: '返金処理中',
        meaning: '代金を受領済みで、返金を処理しています。',
        next: 'PayPayで返金が完了または拒否されるまで自動で処理します。数日かかることがあります。',
      },
      partly_refunded: {
        label: '一部返金済み',
        meaning: '代金の一部をお客様に返金しました。',
        next: '残っている処理はありません。残額も返金できます。',
      },
      refunded: {
        label: '全額返金済み',
        meaning: '代金の全額をお客様に返金しました。',
        next: '残っている処理はありません。',
      },
      cancelled: {
        label: 'キャンセル済み',
        meaning: '代金を受領する前に取り消されました。',
        next: '万一お客様が以前のコードで支払った場合は、自動的に返金されます。',
      },
      expired: {
        label: '期限切れ',
        meaning: '支払われないまま期限を過ぎました。',
        next: '万一お客様が以前のコードで支払った場合は、自動的に返金されます。',
      },
    },
    attempts: {
      creating: 'コードを要求中',
      live: 'コード有効',
      closing: 'コードを無効化中',
      abandoning: '受け取れなかったコードを破棄中',
      succeeded: '支払い済み',
      failed: '失敗',
      lapsed: '未払いで終了',
      abandoned: '破棄済み',
    },
    refunds: { pending: '処理中', succeeded: '返金済み', failed: '失敗' },
    pendingReasons: {
      provider_processing: 'PayPayの処理待ちです。加盟店の売上が返金額に達するまで保留されることがあります。',
      provider_unavailable: 'PayPayに接続できないか、返金を受け付けていません。自動で再試行します。',
      waiting_for_other_refund: 'この決済の別の返金が先に処理されます。',
      waiting_for_approval: 'オペレーターの承認待ちです。',
    },
    records: {
      succeeded: '支払い済み',
      returned: '全額返金済み',
      pending: '未払い',
      failed: '失敗または取消',
      not_found: '決済なし',
    },
  },
});
