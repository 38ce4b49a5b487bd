/**
 * Roles in words.
 */
import type { Role } from '../../../domain/operators/roles.ts';
import { inBoth } from './language.ts';

interface RoleTexts {
  readonly names: Readonly<Record<Role, string>>;
  readonly meanings: Readonly<Record<Role, string>>;
  readonly everywhere: string;
  readonly upTo: string;
}

export const roleTexts = inBoth<RoleTexts>({
  en: {
    names: {
      viewer: 'Viewer',
      support: 'Support',
      finance: 'Finance',
      refunder: 'Refunds',
      admin: 'Administrator',
    },
    meanings: {
      viewer: 'sees payments, merchants and webhooks',
      support: 'also reads payments at PayPay, cancels them and redelivers webhooks',
      finance: 'also downloads payments and reads the audit log',
      refunder: 'also refunds, cancels and captures in cash',
      admin: 'everything, including keys and operators',
    },
    everywhere: 'all merchants',
    upTo: 'refunds up to',
  },
  ja: {
    names: {
      viewer: '閲覧者',
      support: 'サポート',
      finance: '経理',
      refunder: '返金担当',
      admin: '管理者',
    },
    meanings: {
      viewer: '決済、加盟店、Webhookの閲覧',
      support: '閲覧に加え、PayPayへの照会、決済のキャンセル、Webhookの再配信',
      finance: '閲覧に加え、決済のダウンロードと監査ログの閲覧',
      refunder: '閲覧に加え、返金、キャンセル、現金受領の記録',
      admin: 'APIキーとオペレーターの管理を含むすべての操作',
    },
    everywhere: 'すべての加盟店',
    upTo: '返金の上限',
  },
});
