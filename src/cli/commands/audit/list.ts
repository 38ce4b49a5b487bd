/**
 * `pgw audit list`: the newest rows of the audit log.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import type { AuditRow } from '../../../domain/audit/act.ts';
import { type JsonOption, printAside } from '../../../lib/terminal.ts';
import { presentAct } from '../../../services/audit/present-act.ts';
import { listAuditRows } from '../../../store/audit/audit-log.ts';
import { examples } from '../../output/examples.ts';
import { printable, printList } from '../../output/list.ts';
import { readLimit } from '../payments/list.ts';
import { addFilters, type FilterOptions, readFilters } from './filters.ts';

interface ListOptions extends FilterOptions, JsonOption {
  readonly limit: string;
}

/** Longer changes are in --json and in exports. */
const MAX_CHANGE = 120;

export function addListCommand(audit: Command): void {
  addFilters(audit.command('list').description('list what was done, newest first'))
    .option('--limit <n>', 'the number of rows, at most 1000', '20')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'audit list --merchant merchant_001',
        'audit list --object ak_Vb2xLw8R3nTqYc5sKd7mPz4e',
        'audit list --type refund.created --since 2026-01-15 --until 2026-01-16',
      ),
    )
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const filter = readFilters(options);
  const limit = readLimit(options.limit);
  const found = await readDatabase(loadConfig(), (db) =>
    listAuditRows(db, filter, { order: 'newest', after: undefined, limit: limit + 1 }),
  );
  const rows = found.slice(0, limit);
  printList(options, rows.map(presentAct), {
    headings: ['POSITION', 'TIME', 'BY', 'ACT', 'OBJECT', 'MERCHANT', 'CHANGE', 'REASON'],
    rows: rows.map(toCells),
    noun: 'act',
    none: 'No acts match.',
  });
  if (found.length > limit) {
    printAside('There are older acts: choose a period with --until, or a larger --limit.');
  }
}

function toCells({ position, createdAt, actor, type, objectId, merchantId, ...row }: AuditRow): string[] {
  return [
    String(position),
    createdAt.toISOString(),
    printable(`${actor.kind} ${actor.id}`),
    type,
    printable(objectId),
    merchantId ?? '-',
    printable(shorten(describeChange(row))),
    printable(row.reason),
  ];
}

function describeChange({ before, after }: Pick<AuditRow, 'before' | 'after'>): string {
  const shown = (value: AuditRow['before']) => (value === undefined ? '-' : JSON.stringify(value));
  return before === undefined && after === undefined ? '-' : `${shown(before)} → ${shown(after)}`;
}

function shorten(text: string): string {
  return text.length > MAX_CHANGE ? `${text.slice(0, MAX_CHANGE).toWellFormed()}…` : text;
}
