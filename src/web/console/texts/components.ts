/**
 * Texts of the components.
 */
import { inBoth } from './language.ts';

export const componentTexts = inBoth({
  en: {
    copy: 'Copy',
    copied: 'Copied',
    captured: 'Captured',
    moneyParts: {
      refundable: 'Refundable',
      pending: 'Refund pending',
      refunded: 'Refunded',
      open: 'Not captured',
    },
    property: 'Field',
    differs: 'Differs',
    noValues: 'No values in this time.',
    values: 'Show values',
    value: 'Value',
    time: 'Time',
    plotSummary: (title: string, min: string, max: string, last: string) =>
      `${title}: between ${min} and ${max}, now ${last}`,
  },
  ja: {
    copy: 'コピー',
    copied: 'コピーしました',
    captured: '受領額',
    moneyParts: {
      refundable: '返金可能額',
      pending: '返金処理中',
      refunded: '返金済み',
      open: '未受領',
    },
    property: '項目',
    differs: '不一致',
    noValues: 'この期間のデータはありません。',
    values: '数値を表示',
    value: '値',
    time: '日時',
    plotSummary: (title: string, min: string, max: string, last: string) =>
      `${title}：最小 ${min}、最大 ${max}、現在 ${last}`,
  },
});
