/**
 * Why payments and refunds fail, in Japanese, by the code of the failure. In English the gateway's own message is shown.
 */
import type { PaymentError } from '../../../../domain/payment.ts';
import type { Language } from '../language.ts';

const JAPANESE: Readonly<Record<string, string>> = {
  timeout: 'PayPayから時間内に応答がありませんでした。',
  connection_lost: 'PayPayとの接続が応答前に切れました。',
  not_reachable: 'PayPayに接続できませんでした。',
  unreadable_answer: 'PayPayの応答を読み取れませんでした。',
  rate_limit: 'PayPayのリクエスト数の上限に達しました。',
  maintenance_mode: 'PayPayがメンテナンス中です。',
  payment_failed: 'PayPayでの支払いが失敗しました。',
  payment_returned: '代金はお客様に返金されました。',
  several_refunds_not_allowed:
    'この加盟店では1決済につき1回しか返金できず、すでに返金済みです。現金で返金してください。複数回の返金はPayPayに申請できます。',
  payer_account_closed: 'お客様がPayPayを解約しているため返金できません。現金で返金してください。',
  payer_account_inactive: 'お客様のPayPayアカウントが無効なため返金できません。現金で返金してください。',
  refund_window_exceeded: '返金期限を過ぎているため、PayPayでは返金できません。現金で返金してください。',
  refund_limit_exceeded: 'PayPayの返金回数の上限に達しています。現金で返金してください。',
  payment_not_available:
    'PayPayに決済の記録がありません。現金で返金する前に、PayPay for Businessで決済をご確認ください。',
  not_refundable:
    'PayPayで返金できない状態の決済です。現金で返金する前に、PayPay for Businessで決済をご確認ください。',
  provider_refused:
    'PayPayが返金を拒否しました。現金で返金する前に、PayPay for Businessで決済をご確認ください。',
};

export function failureText({ code, message }: PaymentError, language: Language): string {
  return language === 'ja' ? (JAPANESE[code] ?? message) : message;
}
