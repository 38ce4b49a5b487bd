/**
 * Texts of signing in, of invitations and of proving again who one is.
 */
import { inBoth } from './language.ts';

export const signInTexts = inBoth({
  en: {
    title: 'Sign in',
    verifyTitle: 'Confirm that it is you',
    verify: 'Confirm with your passkey',
  },
  ja: {
    title: 'サインイン',
    verifyTitle: '本人確認',
    verify: 'パスキーで確認',
  },
});
