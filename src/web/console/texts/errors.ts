/**
 * Texts of refused and failed requests.
 */
import { inBoth } from './language.ts';

export const errorTexts = inBoth({
  en: {
    home: 'Go to the start page',
    request: 'Request',
    titles: {
      otherSite: 'This request came from another site',
      notFound: 'Not found',
      forbidden: 'You may not do this',
      tooLarge: 'The form is too large',
      tooMany: 'Too many requests',
      badForm: 'The form could not be read',
      unavailable: 'Not available at the moment',
      fault: 'Something went wrong',
      refused: 'This was not done',
    },
    advice: {
      otherSite: 'Nothing was changed. Open the console in its own tab and try again.',
      notFound: 'There is no such page or object, or it is outside what you may see.',
      forbidden: 'Your roles do not allow it. An administrator can change them.',
      tooLarge: 'Shorten what you entered and try again.',
      tooMany: 'Wait a minute, then try again.',
      badForm: 'Go back, reload the page and try again.',
      unavailable: 'Try again in a moment.',
      fault: 'It was logged. If it happens again, give an administrator the request id.',
      refused: 'Nothing was changed.',
    },
  },
  ja: {
    home: 'トップページへ',
    request: 'リクエスト',
    titles: {
      otherSite: '別のサイトからのリクエストです',
      notFound: '見つかりません',
      forbidden: 'この操作は許可されていません',
      tooLarge: '入力内容が長すぎます',
      tooMany: 'リクエストが多すぎます',
      badForm: '入力内容を読み取れませんでした',
      unavailable: '現在利用できません',
      fault: 'エラーが発生しました',
      refused: '実行されませんでした',
    },
    advice: {
      otherSite: '変更は行われていません。管理画面を新しいタブで開き、もう一度お試しください。',
      notFound: 'ページまたは対象が存在しないか、閲覧できる範囲の外にあります。',
      forbidden: '現在のロールでは許可されていません。管理者に変更を依頼してください。',
      tooLarge: '入力内容を短くして、もう一度お試しください。',
      tooMany: '1分ほど待ってから、もう一度お試しください。',
      badForm: '前のページに戻り、再読み込みしてからお試しください。',
      unavailable: 'しばらくしてから、もう一度お試しください。',
      fault: '記録されました。繰り返す場合は、リクエストIDを管理者にお伝えください。',
      refused: '変更は行われていません。',
    },
  },
});
