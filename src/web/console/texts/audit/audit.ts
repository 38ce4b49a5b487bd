/**
 * Texts of the audit log.
 */
import type { ActorKind } from '../../../../domain/audit/act.ts';
import type { AuditFault } from '../../../../domain/audit/faults.ts';
import { inBoth, type Language } from '../language.ts';

type Fault = { [Kind in AuditFault['kind']]: (fault: Extract<AuditFault, { kind: Kind }>) => string };

interface AuditTexts {
  readonly title: string;
  readonly caption: string;
  readonly none: string;
  readonly filter: string;
  readonly pages: string;
  readonly first: string;
  readonly older: string;
  readonly time: string;
  readonly who: string;
  readonly actor: string;
  readonly actorHint: string;
  readonly act: string;
  readonly anyAct: string;
  readonly object: string;
  readonly objectHint: string;
  readonly merchant: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly badDay: string;
  readonly change: string;
  readonly reason: string;
  readonly row: (position: number) => string;
  readonly viaAddress: (address: string) => string;
  readonly more: (fields: number) => string;
  readonly kinds: Readonly<Record<ActorKind, string>>;
  readonly export: string;
  readonly exportText: string;
  readonly verify: string;
  readonly verifyText: string;
  readonly kept: string;
  readonly keptHint: string;
  readonly badKept: string;
  readonly verification: string;
  readonly intact: (rows: string) => string;
  readonly intactSoFar: (from: string, to: string, of: string) => string;
  readonly broken: (faults: number) => string;
  readonly brokenText: string;
  readonly moreFaults: string;
  readonly goOn: string;
  readonly head: string;
  readonly headText: string;
  readonly back: string;
  readonly faults: Fault;
}

const n = (number: number) => number.toLocaleString('en-US');

export const auditTexts: (language: Language) => AuditTexts = inBoth<AuditTexts>({
  en: {
    title: 'Audit log',
    caption: 'Acts, newest first',
    none: 'No act matches.',
    filter: 'Filter the acts',
    pages: 'Pages',
    first: 'Newest',
    older: 'Older',
    time: 'Time',
    who: 'Who',
    actor: 'By',
    actorHint: 'Id of an operator or API key, or user',
    act: 'Act',
    anyAct: 'All',
    object: 'Object',
    objectHint: 'Its id',
    merchant: 'Merchant',
    from: 'From',
    to: 'To',
    zone: 'Days and times in Japan',
    badDay: 'Enter days that exist, the first one not after the last.',
    change: 'Change',
    reason: 'Reason',
    row: (position) => `Row ${n(position)}`,
    viaAddress: (address) => `from ${address}`,
    more: (fields) => `${fields} more`,
    kinds: { operator: 'Operator', api_key: 'API key', command_line: 'Command line', gateway: 'Gateway' },
    export: 'Export',
    exportText: 'The acts that match the filter, oldest first. The export is recorded in the log.',
    verify: 'Verify the log',
    verifyText: 'Finds rows that were changed or removed after they were written.',
    kept: 'Head that was kept',
    keptHint: 'From an earlier verification. Only with it is a log found that was rewritten as a whole',
    badKept: 'A head is a position, a colon and 64 hexadecimal digits.',
    verification: 'Verification',
    intact: (rows) => `Nothing was changed or removed: ${rows} rows verified.`,
    intactSoFar: (from, to, of) => `Rows ${from} to ${to} of ${of} verified: nothing was changed or removed.`,
    broken: (faults) =>
      `The log is not as it was written: ${n(faults)} ${faults === 1 ? 'fault' : 'faults'} found.`,
    brokenText:
      'Do not change anything in the database. Export the log, and compare it with a backup at these positions.',
    moreFaults: 'There are more than are listed here.',
    goOn: 'Verify the next rows',
    head: 'Head',
    headText:
      'Keep it where nobody who administers the database can change it, and enter it at a later verification.',
    back: 'Audit log',
    faults: {
      changed: ({ position }) => `Row ${n(position)} was changed: its content does not match its hash.`,
      not_linked: ({ position }) =>
        `Row ${n(position)} does not follow row ${n(position - 1)}: one of them was replaced.`,
      missing: ({ from, to }) =>
        from === to ? `Row ${n(from)} is missing.` : `Rows ${n(from)} to ${n(to)} are missing.`,
      removed_at_end: ({ from, to }) =>
        from === to
          ? `Row ${n(from)}, the last one, is missing.`
          : `Rows ${n(from)} to ${n(to)} at the end are missing.`,
      head_set_back: ({ position, last }) =>
        `The head was set back to row ${n(position)}; the log goes on to row ${n(last)}.`,
      head_changed: ({ position }) => `The head does not match row ${n(position)}, the last one.`,
      head_missing: () => 'The head of the log is missing.',
      not_as_kept: ({ position }) =>
        `Row ${n(position)} has another hash than the head that was kept: the log was rewritten.`,
      kept_missing: ({ position }) =>
        `Row ${n(position)}, the head that was kept, is missing: the end of the log was removed.`,
    },
  },
  ja: {
    title: '監査ログ',
    caption: '操作の記録（新しい順）',
    none: '該当する操作はありません。',
    filter: '操作を絞り込む',
    pages: 'ページ',
    first: '最新へ',
    older: '以前の記録',
    time: '日時',
    who: '実行者',
    actor: '実行者',
    actorHint: 'オペレーターやAPIキーのID、またはユーザー名',
    act: '操作',
    anyAct: 'すべて',
    object: '対象',
    objectHint: '対象のID',
    merchant: '加盟店',
    from: '開始日',
    to: '終了日',
    zone: '日付と時刻は日本時間です',
    badDay: '実在する日付を、開始日が終了日より後にならないように入力してください。',
    change: '変更内容',
    reason: '理由',
    row: (position) => `${n(position)}行目`,
    viaAddress: (address) => `接続元 ${address}`,
    more: (fields) => `ほか${fields}件`,
    kinds: {
      operator: 'オペレーター',
      api_key: 'APIキー',
      command_line: 'コマンドライン',
      gateway: 'ゲートウェイ',
    },
    export: 'エクスポート',
    exportText: '絞り込んだ操作を古い順に出力します。エクスポートしたことも記録されます。',
    verify: 'ログを検証する',
    verifyText: '書き込まれた後に変更または削除された行を検出します。',
    kept: '保管してある末尾ハッシュ',
    keptHint: '以前の検証で表示された値。ログ全体の書き換えは、この値との照合でのみ検出できます',
    badKept: '末尾ハッシュは「位置:64桁の16進数」の形式で入力してください。',
    verification: '検証結果',
    intact: (rows) => `変更も削除もありません（${rows}行を検証）。`,
    intactSoFar: (from, to, of) =>
      `全${of}行のうち${from}〜${to}行目を検証しました。変更も削除もありません。`,
    broken: (faults) => `ログが書き込まれた時点の内容と一致しません（${n(faults)}件）。`,
    brokenText:
      'データベースには何も変更を加えず、ログをエクスポートして、次の位置をバックアップと照合してください。',
    moreFaults: 'ここに表示されていないものもあります。',
    goOn: '続きを検証する',
    head: '末尾ハッシュ',
    headText: 'データベースの管理者が変更できない場所に保管し、次回以降の検証で入力してください。',
    back: '監査ログ',
    faults: {
      changed: ({ position }) => `${n(position)}行目が変更されています。内容がハッシュと一致しません。`,
      not_linked: ({ position }) =>
        `${n(position)}行目が${n(position - 1)}行目につながっていません。どちらかが差し替えられています。`,
      missing: ({ from, to }) =>
        from === to ? `${n(from)}行目がありません。` : `${n(from)}〜${n(to)}行目がありません。`,
      removed_at_end: ({ from, to }) =>
        from === to ? `末尾の${n(from)}行目がありません。` : `末尾の${n(from)}〜${n(to)}行目がありません。`,
      head_set_back: ({ position, last }) =>
        `末尾ハッシュが${n(position)}行目に戻されています。ログは${n(last)}行目まであります。`,
      head_changed: ({ position }) => `末尾ハッシュが最後の行（${n(position)}行目）と一致しません。`,
      head_missing: () => 'ログの末尾ハッシュがありません。',
      not_as_kept: ({ position }) =>
        `${n(position)}行目のハッシュが保管された値と異なります。ログが書き換えられています。`,
      kept_missing: ({ position }) =>
        `保管された値の${n(position)}行目がありません。ログの末尾が削除されています。`,
    },
  },
});
