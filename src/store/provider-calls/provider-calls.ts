/**
 * The record of calls to providers: one row for equal calls about an attempt or a refund, and one for the calls of a minute.
 */
import { type Db, execute, query } from '../db/query.ts';

/** Equal calls. */
export interface RecordedCalls {
  readonly provider: string;
  /** Of the attempt or the refund. */
  readonly objectId: string;
  readonly operation: string;
  readonly outcome: string;
  /** The provider's result code; empty when there was no readable response. */
  readonly code: string;
  readonly calls: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly lastMs: number;
  /** The provider's id of the latest of these requests that has one. */
  readonly lastRequestId: string | undefined;
}

/** The calls of one operation that ended in one minute. */
export interface CallsOfMinute {
  readonly minute: Date;
  readonly operation: string;
  readonly calls: number;
  readonly failed: number;
  readonly totalMs: number;
  readonly maxMs: number;
  readonly within100Ms: number;
  readonly within300Ms: number;
  readonly within1000Ms: number;
  readonly within3000Ms: number;
}

const ADD = `
with added as (
  insert into provider_calls as known
    (object_id, operation, outcome, code, provider, calls, first_at, last_at, last_ms, last_request_id)
  select object_id, operation, outcome, code, provider, calls, first_at, last_at, last_ms, last_request_id
  from unnest(cast(:objectIds as text[]), cast(:operations as text[]), cast(:outcomes as text[]), cast(:codes as text[]),
    cast(:providers as text[]), cast(:calls as integer[]), cast(:firstAts as timestamptz[]), cast(:lastAts as timestamptz[]),
    cast(:lastMs as integer[]), cast(:requestIds as text[]))
    as new (object_id, operation, outcome, code, provider, calls, first_at, last_at, last_ms, last_request_id)
  on conflict (object_id, operation, outcome, code) do update set
    calls = known.calls + excluded.calls,
    last_at = greatest(known.last_at, excluded.last_at),
    last_ms = excluded.last_ms,
    last_request_id = coalesce(excluded.last_request_id, known.last_request_id)
)
insert into provider_minutes as known
  (minute, operation, calls, failed, total_ms, max_ms, le_100, le_300, le_1000, le_3000)
select * from unnest(cast(:minutes as timestamptz[]), cast(:minuteOperations as text[]), cast(:minuteCalls as integer[]),
  cast(:failed as integer[]), cast(:totalMs as bigint[]), cast(:maxMs as integer[]), cast(:within100 as integer[]),
  cast(:within300 as integer[]), cast(:within1000 as integer[]), cast(:within3000 as integer[]))
  as new (minute, operation, calls, failed, total_ms, max_ms, le_100, le_300, le_1000, le_3000)
on conflict (minute, operation) do update set
  calls = known.calls + excluded.calls,
  failed = known.failed + excluded.failed,
  total_ms = known.total_ms + excluded.total_ms,
  max_ms = greatest(known.max_ms, excluded.max_ms),
  le_100 = known.le_100 + excluded.le_100,
  le_300 = known.le_300 + excluded.le_300,
  le_1000 = known.le_1000 + excluded.le_1000,
  le_3000 = known.le_3000 + excluded.le_3000`;

/** Adds calls to the record. No key may be there twice, and all processes must send keys in the same order. */
export async function addProviderCalls(
  db: Db,
  calls: readonly RecordedCalls[],
  minutes: readonly CallsOfMinute[],
): Promise<void> {
  await execute(db, ADD, {
    objectIds: calls.map(({ objectId }) => objectId),
    operations: calls.map(({ operation }) => operation),
    outcomes: calls.map(({ outcome }) => outcome),
    codes: calls.map(({ code }) => code),
    providers: calls.map(({ provider }) => provider),
    calls: calls.map((row) => row.calls),
    firstAts: calls.map(({ firstAt }) => firstAt.toISOString()),
    lastAts: calls.map(({ lastAt }) => lastAt.toISOString()),
    lastMs: calls.map(({ lastMs }) => lastMs),
    requestIds: calls.map(({ lastRequestId }) => lastRequestId ?? null),
    minutes: minutes.map(({ minute }) => minute.toISOString()),
    minuteOperations: minutes.map(({ operation }) => operation),
    minuteCalls: minutes.map((row) => row.calls),
    failed: minutes.map((row) => row.failed),
    totalMs: minutes.map((row) => row.totalMs),
    maxMs: minutes.map((row) => row.maxMs),
    within100: minutes.map((row) => row.within100Ms),
    within300: minutes.map((row) => row.within300Ms),
    within1000: minutes.map((row) => row.within1000Ms),
    within3000: minutes.map((row) => row.within3000Ms),
  });
}

interface CallsRow {
  object_id: string;
  operation: string;
  outcome: string;
  code: string;
  provider: string;
  calls: number;
  first_at: Date;
  last_at: Date;
  last_ms: number;
  last_request_id: string | null;
}

/** The calls about these attempts and refunds, up to `limit` rows. */
export async function listProviderCalls(
  db: Db,
  objectIds: readonly string[],
  limit: number,
): Promise<RecordedCalls[]> {
  const rows = await query<CallsRow>(
    db,
    `select object_id, operation, outcome, code, provider, calls, first_at, last_at, last_ms, last_request_id
     from provider_calls where object_id = any(cast(:objectIds as text[])) limit :limit`,
    { objectIds, limit },
  );
  return rows.map((row) => ({
    provider: row.provider,
    objectId: row.object_id,
    operation: row.operation,
    outcome: row.outcome,
    code: row.code,
    calls: row.calls,
    firstAt: row.first_at,
    lastAt: row.last_at,
    lastMs: row.last_ms,
    lastRequestId: row.last_request_id ?? undefined,
  }));
}

/** Removes up to `limit` rows whose first call was before `firstBefore`. @returns how many */
export function removeProviderCalls(db: Db, firstBefore: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from provider_calls where ctid = any(array(
       select ctid from provider_calls
       where first_at < :firstBefore order by first_at limit :limit for update skip locked))`,
    { firstBefore, limit },
  );
}

/** Removes up to `limit` rows of minutes before `before`. @returns how many */
export function removeProviderMinutes(db: Db, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from provider_minutes where ctid = any(array(
       select ctid from provider_minutes
       where minute < :before order by minute limit :limit for update skip locked))`,
    { before, limit },
  );
}
