/**
 * The statuses of payments and refunds, and how something was paid, in words.
 */
import type { PaymentIntentStatus, PaymentMethodType } from '../../../domain/payment.ts';
import type { PendingReason, RefundStatus } from '../../../domain/refunds/refund.ts';
import { inBoth } from './language.ts';

interface StatusTexts {
  readonly payment: Readonly<Record<PaymentIntentStatus, string>>;
  readonly refund: Readonly<Record<RefundStatus, string>>;
  readonly pending: Readonly<Record<PendingReason, string>>;
  readonly method: Readonly<Record<PaymentMethodType, string>>;
}

export const statusTexts = inBoth<StatusTexts>({
  en: {
    payment: {
      requires_payment_method: 'Not started',
      requires_action: 'Waiting for payer',
      processing: 'Checking with PayPay',
      succeeded: 'Paid',
      cancelled: 'Cancelled',
      expired: 'Expired',
    },
    refund: { pending: 'Pending', succeeded: 'Refunded', failed: 'Failed' },
    pending: {
      provider_processing: 'PayPay is processing it',
      provider_unavailable: 'PayPay cannot be reached; it is tried again',
      waiting_for_other_refund: 'Waits for another refund of the payment',
      waiting_for_approval: 'Waits for approval',
    },
    method: { qr_mpm: 'PayPay', cash: 'Cash' },
  },
  ja: {
    payment: {
      requires_payment_method: '未開始',
      requires_action: '支払い待ち',
      processing: 'PayPayに確認中',
      succeeded: '支払い済み',
      cancelled: 'キャンセル',
      expired: '期限切れ',
    },
    refund: { pending: '処理中', succeeded: '返金済み', failed: '失敗' },
    pending: {
      provider_processing: 'PayPayで処理中です',
      provider_unavailable: 'PayPayに接続できません。再試行します',
      waiting_for_other_refund: '同じ決済の別の返金を待っています',
      waiting_for_approval: '承認を待っています',
    },
    method: { qr_mpm: 'PayPay', cash: '現金' },
  },
});
