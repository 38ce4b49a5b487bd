/**
 * Texts of signing in, of invitations and of proving again who one is.
 */
import { inBoth } from './language.ts';

export const signInTexts = inBoth({
  en: {
    title: 'Sign in',
    intro: 'Use the passkey of this device, of your phone or of a security key.',
    formLost: 'Your session had ended, so nothing was done. Sign in and enter it again.',
    signIn: 'Sign in with a passkey',
    oidc: 'Sign in with your organization',
    or: 'or',
    noAccount: 'No access yet? An administrator can send you an invitation.',
    demoTitle: 'Try the console',
    demoIntro:
      'This link signs you in as an administrator of the demo, once. Payments are simulated; you can look at everything and change it.',
    demoButton: 'Open the console',
    demoOver: 'This link was used or has expired',
    demoOverAdvice:
      'Every start of the gateway prints a new one. For access that lasts, make an invitation in a terminal:',
    invitationTitle: 'Welcome',
    invitationIntro: 'You have been invited to the console as',
    invitationRoles: 'You will be able to act as',
    register: 'Create a passkey',
    registerHint:
      'A passkey replaces a password: you confirm with your fingerprint, your face or the PIN of your device. Nothing secret leaves it.',
    registerOidc: 'Use the account of your organization',
    invitationOver: 'This invitation was used or has expired',
    invitationOverAdvice:
      'Invitations are valid for 15 minutes and once. Ask an administrator for a new one.',
    verifyTitle: 'Confirm that it is you',
    verifyIntro: 'What you are about to do needs a fresh confirmation. What you entered is kept.',
    verify: 'Confirm with your passkey',
    verifyOidc: 'Confirm with your organization',
    verifiedIntro: 'Confirmed. Continue with what you were about to do.',
    proceed: 'Continue',
    cancel: 'Cancel',
    continuing: 'Opening the console',
    leaving: 'Going to your organization’s sign-in',
    oidcFailed: 'Signing in with your organization did not succeed',
    oidcFailedAdvice: 'Start again from the sign-in page.',
    oidcUnknown: 'Your account is not registered here',
    oidcUnknownAdvice:
      'An administrator can send you an invitation; open it and choose your organization there.',
    oidcAway: 'Your organization’s sign-in cannot be reached at the moment',
    oidcAwayAdvice: 'Try again in a moment, or sign in with a passkey.',
    back: 'To the sign-in page',
    needsScript: 'Passkeys need JavaScript. Allow it for this page.',
    problems: {
      expired: 'This took too long. Please try again.',
      unknown: 'This passkey is not registered here, or it was removed.',
      failed: 'The passkey could not be verified.',
      cancelled: 'Nothing was confirmed. Please try again.',
      exists: 'This device has a passkey for you already.',
      unsupported:
        'This browser cannot use passkeys. Use a current version of Chrome, Edge, Safari or Firefox.',
      offline: 'The console did not respond. Please try again.',
    },
  },
  ja: {
    title: 'サインイン',
    intro: 'この端末、スマートフォン、またはセキュリティキーのパスキーを使用します。',
    formLost:
      'セッションが終了していたため、実行されませんでした。サインインして、もう一度入力してください。',
    signIn: 'パスキーでサインイン',
    oidc: '組織のアカウントでサインイン',
    or: 'または',
    noAccount: 'アクセス権がない場合は、管理者に招待を依頼してください。',
    demoTitle: '管理画面を試す',
    demoIntro:
      'このリンクで、デモの管理者として1回だけサインインできます。決済はすべて模擬です。自由に閲覧・変更できます。',
    demoButton: '管理画面を開く',
    demoOver: 'このリンクは使用済みか、有効期限が切れています',
    demoOverAdvice:
      'ゲートウェイを起動するたびに新しいリンクが表示されます。継続して利用するには、ターミナルで招待を作成してください。',
    invitationTitle: 'ようこそ',
    invitationIntro: '次の名前で管理画面に招待されています。',
    invitationRoles: '付与されるロール',
    register: 'パスキーを作成',
    registerHint:
      'パスキーはパスワードの代わりになるものです。指紋、顔、または端末のPINで確認します。秘密の情報が端末の外に出ることはありません。',
    registerOidc: '組織のアカウントを使用',
    invitationOver: 'この招待は使用済みか、有効期限が切れています',
    invitationOverAdvice: '招待の有効期限は15分で、使用できるのは1回です。管理者に再発行を依頼してください。',
    verifyTitle: '本人確認',
    verifyIntro: 'この操作には、改めて本人確認が必要です。入力内容は保持されています。',
    verify: 'パスキーで確認',
    verifyOidc: '組織のアカウントで確認',
    verifiedIntro: '確認できました。操作を続けてください。',
    proceed: '続ける',
    cancel: 'キャンセル',
    continuing: '管理画面を開いています',
    leaving: '組織のサインインに移動しています',
    oidcFailed: '組織のアカウントでサインインできませんでした',
    oidcFailedAdvice: 'サインイン画面からやり直してください。',
    oidcUnknown: 'このアカウントは登録されていません',
    oidcUnknownAdvice: '管理者に招待を依頼し、招待画面で組織のアカウントを選択してください。',
    oidcAway: '現在、組織のサインインに接続できません',
    oidcAwayAdvice: 'しばらくしてからもう一度お試しいただくか、パスキーでサインインしてください。',
    back: 'サインイン画面へ',
    needsScript: 'パスキーにはJavaScriptが必要です。このページで許可してください。',
    problems: {
      expired: '時間切れです。もう一度お試しください。',
      unknown: 'このパスキーは登録されていないか、削除されています。',
      failed: 'パスキーを確認できませんでした。',
      cancelled: '確認が行われませんでした。もう一度お試しください。',
      exists: 'この端末にはすでにパスキーがあります。',
      unsupported:
        'このブラウザではパスキーを使用できません。最新のChrome、Edge、Safari、Firefoxをご利用ください。',
      offline: '管理画面から応答がありません。もう一度お試しください。',
    },
  },
});
