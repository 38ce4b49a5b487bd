/**
 * Metrics of the sequencer, read when metrics are collected, and a line in the log when it is held back.
 */
import { type Clock, monotonicMs } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { Db } from '../../store/db/query.ts';
import { type BlockerKind, listBlockers, measureSequencer } from '../../store/events/sequencer-health.ts';

const KINDS: readonly BlockerKind[] = ['own_session', 'other_session', 'prepared_transaction'];
/** Twice the time that a transaction of the gateway may take. */
const WARN_LAG_SECONDS = 30;
const WARN_INTERVAL_MS = 60_000;

export function observeSequencer(
  metrics: Pick<Metrics, 'observe'>,
  { db, clock, log }: { db: Db; clock: Clock; log: Logger },
): void {
  let warnedMs = Number.NEGATIVE_INFINITY;
  metrics.observe(
    'pgw_event_sequencer_lag_seconds',
    'Age of the oldest change of a payment that has no position in the events feed yet; 0 when there is none',
    [],
    async () => {
      const { oldestAt } = await measureSequencer(db);
      const value = oldestAt ? Math.max(0, (clock.now().getTime() - oldestAt.getTime()) / 1000) : 0;
      if (value > WARN_LAG_SECONDS && monotonicMs(clock) - warnedMs > WARN_INTERVAL_MS) {
        warnedMs = monotonicMs(clock);
        log.warn({ lagSeconds: value, transactions: await listBlockers(db) }, 'the events feed stands still');
      }
      return [{ labels: {}, value }];
    },
  );
  metrics.observe('pgw_event_sequencer_position', 'Last position given in the events feed', [], async () => [
    { labels: {}, value: (await measureSequencer(db)).position },
  ]);
  metrics.observe(
    'pgw_event_sequencer_blocked_seconds',
    'Age of the oldest writing transaction on the database server, by owner; it holds back the events feed',
    ['by'],
    async () => {
      const blockers = await listBlockers(db);
      return KINDS.map((by) => ({
        labels: { by },
        value: blockers.find(({ kind }) => kind === by)?.seconds ?? 0,
      }));
    },
  );
}
