/**
 * The partitions of `events`, one for each UTC day: created by the sequencer, removed when they are old.
 */
import { type Db, execute, query, queryPrepared } from '../db/query.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The given days that have no partition. */
export async function listMissingDays(db: Db, days: readonly string[]): Promise<string[]> {
  const rows = await queryPrepared<{ day: string }>(
    db,
    `select day from unnest(cast(:days as text[])) as day
     where to_regclass('events_' || replace(day, '-', '_')) is null`,
    { days },
  );
  return rows.map(({ day }) => day);
}

/** Creates the partition of a day. It is attached afterwards, because that does not wait for readers of the other days. */
export async function createDay(trx: Db, day: string): Promise<void> {
  const table = tableOf(day);
  await execute(trx, `create table ${table} (like events including defaults including constraints)`);
  await execute(
    trx,
    `alter table events attach partition ${table} for values from ('${day}') to ('${dayAfter(day)}')`,
  );
}

/** The days before `day` that have a partition, oldest first. */
export async function listDaysBefore(db: Db, day: string): Promise<string[]> {
  const rows = await query<{ day: string }>(
    db,
    `select replace(substr(relname, length('events_') + 1), '_', '-') as day
     from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'events'::regclass order by relname`,
  );
  return rows.map((row) => row.day).filter((found) => found < day);
}

/** How long readers of events wait at most for one try to remove a day. */
const REMOVE_LOCK_TIMEOUT_MS = 500;

/** Removes the events of a day. @returns their greatest position; 0 when there were none */
export async function removeDay(trx: Db, day: string): Promise<number> {
  const table = tableOf(day);
  await execute(trx, `set local lock_timeout = '${REMOVE_LOCK_TIMEOUT_MS}ms'`);
  const [row] = await query<{ position: number }>(
    trx,
    `select coalesce(max(position), 0) as position from ${table}`,
  );
  await execute(trx, `drop table ${table}`);
  return row?.position ?? 0;
}

/** The following day, as `2026-01-16`. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, day.length);
}

function tableOf(day: string): string {
  if (!DAY.test(day)) {
    throw new Error(`not a day: ${day}`);
  }
  return `events_${day.replaceAll('-', '_')}`;
}
