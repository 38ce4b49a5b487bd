/**
 * The audit log as CSV or JSON lines, in pieces.
 */
import type { AuditRow, Json } from '../../domain/audit/act.ts';
import { canonicalJson } from '../../domain/audit/chain.ts';
import { csvOf } from '../exports/csv-of.ts';
import { presentAct } from './present-act.ts';

const COLUMNS = [
  'position',
  'created_at',
  'actor_kind',
  'actor_id',
  'type',
  'object_type',
  'object_id',
  'merchant_id',
  'store_id',
  'reason',
  'client_address',
  'request_id',
  'before',
  'after',
  'previous_hash',
  'hash',
] as const satisfies readonly (keyof ReturnType<typeof presentAct>)[];

export function actsAsCsv(acts: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  return csvOf(COLUMNS, csvRows(acts));
}

export async function* actsAsJsonLines(acts: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  for await (const act of acts) {
    yield `${JSON.stringify(presentAct(act))}\n`;
  }
}

async function* csvRows(acts: AsyncIterable<AuditRow>) {
  for await (const act of acts) {
    const { before, after, ...row } = presentAct(act);
    yield { ...row, before: textOf(before), after: textOf(after) };
  }
}

function textOf(value: Json): string | null {
  return value === null ? null : canonicalJson(value);
}
