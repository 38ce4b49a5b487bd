/**
 * Why an act on an operator, or on one's own passkeys, was refused. In English the services say it, for the command line too.
 */
import type { DomainError } from '../../../domain/errors.ts';
import { inBoth, type Language } from './language.ts';

const problems = inBoth<Readonly<Record<string, string>>>({
  en: {},
  ja: {
    'name.max_length': '名前は1〜100文字で入力してください。',
    'grants.unique': '同じ加盟店・店舗に同じロールが2回指定されています。',
    'grants.unknown': '加盟店または店舗が見つかりません。IDを確認してください。',
    'grants.required': '店舗を指定する場合は、加盟店も指定してください。',
    'grants.max_length': 'ロールを1〜50件選択してください。',
    'grants.max_refund': 'このロールは返金を行わないため、返金の上限は指定できません。',
    'grants.max_value': '返金の上限は1以上の整数で入力してください。',
    'max_refund.type': '返金の上限は1以上の整数で入力してください。',
    last_passkey: '最後のパスキーは削除できません。先に別のパスキーを追加してください。',
    too_many: 'オペレーター数が上限に達しています。',
    disabled: 'このオペレーターは無効です。先に有効にしてください。',
    demo: 'デモのオペレーターは変更できません。',
    oneself: '自分自身の権限は変更できません。',
    may_do_more: 'このオペレーターには、あなたにない権限があります。',
    not_yours: '付与できるのは、あなた自身が持つ権限とその範囲だけです。',
    last_administrator: '全体を管理できる最後の管理者です。',
  },
});

export function operatorProblem({ details, message }: DomainError, language: Language): string {
  const { field, constraint } = details as { readonly field?: string; readonly constraint?: string };
  const texts = problems(language);
  const named = field === undefined ? constraint : `${field}.${constraint}`;
  return texts[named ?? ''] ?? message;
}
