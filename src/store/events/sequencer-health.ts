/**
 * How far the sequencer is behind, and which transaction holds it back, for monitoring.
 */
import { type Db, query } from '../db/query.ts';

export interface SequencerHealth {
  readonly position: number;
  /** When the oldest row without a number was written; undefined when there is none. */
  readonly oldestAt: Date | undefined;
}

/** Rows after the horizon are few, unless the sequencer is behind; then the first of them are enough. */
export async function measureSequencer(db: Db): Promise<SequencerHealth> {
  const [row] = await query<{ position: number; oldest: Date | null }>(
    db,
    `select position, (
       select min(created_at) from (
         select created_at from payment_events
         where xact >= sequencer.horizon and id > sequencer.first_row_id
         order by xact limit 100
       ) as first_rows
     ) as oldest
     from event_sequencer as sequencer`,
  );
  return { position: row?.position ?? 0, oldestAt: row?.oldest ?? undefined };
}

/** Whose transaction it is: the gateway's, another program's, or one that was prepared and waits for its commit. */
export type BlockerKind = 'own_session' | 'other_session' | 'prepared_transaction';

export interface Blocker {
  readonly kind: BlockerKind;
  readonly seconds: number;
  /** Of a session. */
  readonly pid: number | undefined;
  readonly applicationName: string | undefined;
  readonly state: string | undefined;
}

/** The oldest writing transaction of each kind, over all databases of the server, because any of them holds back the horizon. */
export async function listBlockers(db: Db): Promise<Blocker[]> {
  const rows = await query<{
    kind: BlockerKind;
    seconds: number;
    pid: number | null;
    application_name: string | null;
    state: string | null;
  }>(
    db,
    `select distinct on (kind) kind, seconds, pid, application_name, state from (
       select case when application_name like 'mpac-pgw%' then 'own_session' else 'other_session' end as kind,
              extract(epoch from clock_timestamp() - xact_start)::float8 as seconds, pid, application_name, state
       from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
       union all
       select 'prepared_transaction', extract(epoch from clock_timestamp() - prepared)::float8, null, null, null
       from pg_prepared_xacts
     ) as transactions
     order by kind, seconds desc`,
  );
  return rows.map((row) => ({
    kind: row.kind,
    seconds: row.seconds,
    pid: row.pid ?? undefined,
    applicationName: row.application_name ?? undefined,
    state: row.state ?? undefined,
  }));
}
