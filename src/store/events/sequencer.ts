/**
 * The state of the sequencer, which numbers the events. The process that holds the lock of its only row is the sequencer. Transaction
 * ids are 64 bits wide and are kept as bigint.
 */
import { type Db, execute, queryPrepared } from '../db/query.ts';

export interface SequencerState {
  readonly epoch: string;
  /** Rows of transactions below it are numbered. */
  readonly horizon: bigint;
  /** Rows up to this id are not numbered in this epoch. */
  readonly firstRowId: number;
  /** The greatest id that was numbered. */
  readonly lastRowId: number;
  /** The last position given. */
  readonly position: number;
  /** The end of the window that is being numbered. */
  readonly windowEnd: bigint | undefined;
  readonly windowRowId: number;
  /** Set at the beginning of an epoch, while what the previous one has left is being numbered. */
  readonly catchUp:
    | { readonly endRowId: number; readonly rowId: number; readonly nextHorizon: bigint }
    | undefined;
  /** Below it, every transaction has ended. */
  readonly xmin: bigint;
  /** Whether the database was restored or failed over, so that positions may be given again. */
  readonly isOtherHistory: boolean;
  /** Whether ids of transactions may be given again too: it was restored from a dump, into another server. */
  readonly hasOtherTransactions: boolean;
}

/** The timeline is read from the log's position, because the control file has it only after the next checkpoint. */
const STATE = `
  sequencer.epoch, sequencer.horizon::text, sequencer.first_row_id, sequencer.last_row_id, sequencer.position,
  sequencer.window_end::text, sequencer.window_row_id, sequencer.catch_up_end, sequencer.catch_up_row_id,
  sequencer.next_horizon::text, pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
  sequencer.timeline <> server.timeline as is_other_timeline,
  sequencer.system_identifier <> server.system_identifier
    or coalesce(sequencer.next_horizon, sequencer.horizon) > pg_snapshot_xmax(pg_current_snapshot())
    as has_other_transactions`;
const SERVER = `(
  select system_identifier,
         ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer as timeline
  from pg_control_system()
) as server`;

interface StateRow {
  readonly epoch: string;
  readonly horizon: string;
  readonly first_row_id: number;
  readonly last_row_id: number;
  readonly position: number;
  readonly window_end: string | null;
  readonly window_row_id: number;
  readonly catch_up_end: number | null;
  readonly catch_up_row_id: number;
  readonly next_horizon: string | null;
  readonly xmin: string;
  readonly is_other_timeline: boolean;
  readonly has_other_transactions: boolean;
}

/** Whether there is anything to number. Reads only. */
export async function hasUnnumberedEvents(db: Db): Promise<boolean> {
  const [row] = await queryPrepared<{ has_work: boolean }>(
    db,
    `select state.is_other_timeline or state.has_other_transactions or state.window_end is not null or state.catch_up_end is not null
       or exists (select from outbox_events)
       or exists (
         select from payment_events
         where xact >= cast(state.horizon as xid8) and xact < cast(state.xmin as xid8) and id > state.first_row_id
       ) as has_work
     from (select ${STATE} from event_sequencer as sequencer cross join ${SERVER}) as state`,
  );
  return row?.has_work ?? false;
}

/** Locks the sequencer; undefined when another process has locked it. */
export async function claimSequencer(trx: Db): Promise<SequencerState | undefined> {
  const locked = await queryPrepared(trx, 'select from event_sequencer for update skip locked');
  if (locked.length === 0) {
    return undefined;
  }
  // A statement of its own, because its snapshot must not be older than the state that the last holder has saved.
  const [row] = await queryPrepared<StateRow>(
    trx,
    `select ${STATE} from event_sequencer as sequencer cross join ${SERVER}`,
  );
  return row && toState(row);
}

/** Saves the state that a run has reached. */
export async function saveSequencer(trx: Db, state: SequencerState): Promise<void> {
  const { horizon, firstRowId, lastRowId, position, windowEnd, windowRowId, catchUp } = state;
  await execute(
    trx,
    `update event_sequencer set
       horizon = cast(:horizon as xid8), first_row_id = :firstRowId, last_row_id = :lastRowId, position = :position,
       window_end = cast(:windowEnd as xid8), window_row_id = :windowRowId, catch_up_end = :catchUpEnd,
       catch_up_row_id = :catchUpRowId, next_horizon = cast(:nextHorizon as xid8)`,
    {
      horizon: String(horizon),
      firstRowId,
      lastRowId,
      position,
      windowEnd: windowEnd === undefined ? null : String(windowEnd),
      windowRowId,
      catchUpEnd: catchUp?.endRowId ?? null,
      catchUpRowId: catchUp?.rowId ?? 0,
      nextHorizon: catchUp ? String(catchUp.nextHorizon) : null,
    },
  );
}

/** How long writers of payments wait at most for one try to begin an epoch. */
const EPOCH_LOCK_TIMEOUT_MS = 200;
/**
 * The versions of payment intents are ids of rows. Those that a restore has lost may have reached merchants, who ignore any
 * that is not greater, so a new epoch goes on far above the last known one.
 */
const VERSIONS_SKIPPED = 1_000_000;

/** Begins an epoch of the same transactions, after a fail-over or a recovery to a point in time. */
export async function beginEpoch(trx: Db, epoch: string): Promise<void> {
  await startEpoch(trx, epoch, 'catch_up_end = catch_up_end');
}

/**
 * Begins an epoch of other transactions at a moment when no payment is being changed: rows up to the last id that was given
 * belong to the previous epoch, and later ones are written by transactions from the new horizon on.
 * @throws when payments are being changed all the time; the next run tries again
 */
export async function beginEpochOfOtherTransactions(trx: Db, epoch: string): Promise<void> {
  await execute(trx, `set local lock_timeout = '${EPOCH_LOCK_TIMEOUT_MS}ms'`);
  await execute(trx, 'lock table payment_events in share row exclusive mode');
  // A statement of its own, because its snapshot must be later than the lock.
  await startEpoch(
    trx,
    epoch,
    `catch_up_end = (select last_value - case when is_called then 0 else 1 end from payment_events_id_seq),
     catch_up_row_id = 0, next_horizon = pg_snapshot_xmin(pg_current_snapshot())`,
  );
}

async function startEpoch(trx: Db, epoch: string, assignments: string): Promise<void> {
  await execute(
    trx,
    `with begun as (
       update event_sequencer set
         epoch = :epoch, system_identifier = server.system_identifier, timeline = server.timeline, ${assignments}
       from ${SERVER}
       returning epoch, position
     )
     insert into event_epochs (epoch, started_after) select epoch, position from begun`,
    { epoch },
  );
  await execute(
    trx,
    `select setval('payment_events_id_seq', last_value + ${VERSIONS_SKIPPED}) from payment_events_id_seq`,
  );
}

/** Saves up to which position events have been removed. */
export async function saveRemoved(trx: Db, position: number): Promise<void> {
  await execute(trx, 'update event_sequencer set removed_position = greatest(removed_position, :position)', {
    position,
  });
}

function toState(row: StateRow): SequencerState {
  return {
    epoch: row.epoch,
    horizon: BigInt(row.horizon),
    firstRowId: row.first_row_id,
    lastRowId: row.last_row_id,
    position: row.position,
    windowEnd: row.window_end === null ? undefined : BigInt(row.window_end),
    windowRowId: row.window_row_id,
    catchUp:
      row.catch_up_end === null
        ? undefined
        : {
            endRowId: row.catch_up_end,
            rowId: row.catch_up_row_id,
            nextHorizon: BigInt(row.next_horizon ?? '0'),
          },
    xmin: BigInt(row.xmin),
    isOtherHistory: row.is_other_timeline || row.has_other_transactions,
    hasOtherTransactions: row.has_other_transactions,
  };
}
