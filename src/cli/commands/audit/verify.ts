/**
 * `pgw audit verify`: finds rows of the audit log that were changed or removed.
 */
import type { Command } from 'commander';
import { readDatabase } from '../../../bootstrap/database.ts';
import { loadConfig } from '../../../config.ts';
import type { AuditFault, Link } from '../../../domain/audit/faults.ts';
import { type JsonOption, printResult, UsageError } from '../../../lib/terminal.ts';
import { type Verification, verifyAuditLog } from '../../../services/audit/verify.ts';
import { examples } from '../../output/examples.ts';
import { count } from '../../output/list.ts';
import { startShareProgress } from '../../output/progress.ts';

interface VerifyOptions extends JsonOption {
  readonly expect?: string;
}

export function addVerifyCommand(audit: Command): void {
  audit
    .command('verify')
    .description(
      'compare each row with its hash and with the row before it; exits with 1 if rows were changed or removed, and prints ' +
        'the head of the log to keep elsewhere',
    )
    .option(
      '--expect <position:hash>',
      'a head that an earlier run printed; without one, a log that was rewritten as a whole is not found',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'audit verify',
        'audit verify --expect 1234:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      ),
    )
    .action(verify);
}

async function verify(options: VerifyOptions): Promise<void> {
  const kept = options.expect === undefined ? undefined : readHead(options.expect);
  const found = await readDatabase(loadConfig(), async (db) => {
    const progress = startShareProgress({ noun: 'row' });
    try {
      return await verifyAuditLog(db, { kept, onPage: (rows, share) => progress.update(rows, share) });
    } finally {
      progress.end();
    }
  });
  printResult(options, present(found), describe(found));
  if (found.faults.length > 0) {
    process.exitCode = 1;
  }
}

/** @throws UsageError when it is no head */
function readHead(text: string): Link {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  if (position === undefined || hash === undefined) {
    throw new UsageError('--expect takes a head as pgw audit verify prints it, such as 1234:9f86d0…');
  }
  return { position: Number(position), hash: hash.toLowerCase() };
}

function present({ rows, faults, hasMoreFaults, head }: Verification) {
  return {
    rows,
    faults,
    has_more_faults: hasMoreFaults,
    head: head === undefined ? null : headText(head),
  };
}

function headText({ position, hash }: Link): string {
  return `${position}:${hash}`;
}

function describe({ rows, faults, hasMoreFaults, head }: Verification): string {
  const result =
    faults.length === 0
      ? `${count(rows, 'row')} verified: none was changed or removed.`
      : `${count(rows, 'row')} read, ${hasMoreFaults ? 'more than ' : ''}${count(faults.length, 'fault')} found.`;
  return [
    ...faults.map(describeFault),
    result,
    ...(head ? [`Head, to be kept elsewhere: ${headText(head)}`] : []),
  ].join('\n');
}

function describeFault(fault: AuditFault): string {
  switch (fault.kind) {
    case 'changed':
      return `Row ${fault.position} was changed: its content does not match its hash.`;
    case 'not_linked':
      return `Row ${fault.position} does not follow row ${fault.position - 1}: one of them was replaced.`;
    case 'missing':
      return `${rowsText(fault)} missing.`;
    case 'removed_at_end':
      return `${rowsText(fault)} missing at the end of the log.`;
    case 'head_set_back':
      return `The head is at row ${fault.position}, but the log goes on to row ${fault.last}: the head was set back.`;
    case 'head_changed':
      return `The head does not match row ${fault.position}, the last one: one of them was changed.`;
    case 'head_missing':
      return 'The head of the log is missing.';
    case 'not_as_kept':
      return `Row ${fault.position} has another hash than was kept: it, or rows before it, were rewritten.`;
    case 'kept_missing':
      return `Row ${fault.position}, whose hash was kept, is missing: the end of the log was removed.`;
  }
}

function rowsText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `Row ${from} is` : `Rows ${from} to ${to} are`;
}
