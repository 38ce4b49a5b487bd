/**
 * Texts of the frame of every page.
 */
import { inBoth } from './language.ts';

export const layoutTexts = inBoth({
  en: {
    ownName: 'English',
    product: 'mpac-pgw console',
    skip: 'Skip to the content',
    testMode: 'Test mode',
    search: 'Search',
    searchHint: 'Payment, order, PayPay number, amount and day',
    sectionsLabel: 'Sections',
    account: 'Your account',
    signOut: 'Sign out',
    sections: {
      payments: 'Payments',
      refunds: 'Refunds',
      merchants: 'Merchants',
      keys: 'API keys',
      endpoints: 'Webhooks',
      inbox: 'Inbox',
      health: 'Health',
      operators: 'Operators',
      audit: 'Audit log',
    },
  },
  ja: {
    ownName: '日本語',
    product: 'mpac-pgw 管理画面',
    skip: '本文へ移動',
    testMode: 'テストモード',
    search: '検索',
    searchHint: '決済、注文番号、PayPay決済番号、金額と日付',
    sectionsLabel: 'メニュー',
    account: 'アカウント設定',
    signOut: 'サインアウト',
    sections: {
      payments: '決済',
      refunds: '返金',
      merchants: '加盟店',
      keys: 'APIキー',
      endpoints: 'Webhook',
      inbox: '受信箱',
      health: '稼働状況',
      operators: 'オペレーター',
      audit: '監査ログ',
    },
  },
});
