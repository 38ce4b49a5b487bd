/**
 * Texts of every form.
 */
import { inBoth } from './language.ts';

export const formTexts = inBoth({
  en: {
    reason: 'Reason',
    reasonHint: 'Kept in the audit log with your name',
    reasonMissing: 'Enter a reason of 2 to 500 characters',
    filter: 'Apply',
    clear: 'Clear',
  },
  ja: {
    reason: '理由',
    reasonHint: 'あなたの名前とともに監査ログに残ります',
    reasonMissing: '理由を2〜500文字で入力してください',
    filter: '絞り込む',
    clear: '条件をクリア',
  },
});
