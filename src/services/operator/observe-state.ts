/**
 * Gauges that are read when Prometheus asks: the workers' backlog and the database pool.
 */
import type { Knex } from 'knex';
import type { Clock } from '../../lib/clock.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { measureBacklog } from '../../store/backlog.ts';

/** The part of knex's pool that is read here. */
interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

export function observeState(metrics: Metrics, db: Knex, clock: Clock): void {
  metrics.observe('pgw_worker_backlog', 'Items that wait for a worker', ['worker'], async () => {
    const backlog = await measureBacklog(db, clock.now());
    return backlog.map(({ worker, due }) => ({ labels: { worker }, value: due }));
  });
  metrics.observe('pgw_worker_oldest_seconds', 'How long the oldest of them is due', ['worker'], async () => {
    const now = clock.now();
    const backlog = await measureBacklog(db, now);
    return backlog.map(({ worker, oldest }) => ({
      labels: { worker },
      value: oldest ? (now.getTime() - oldest.getTime()) / 1000 : 0,
    }));
  });
  metrics.observe('pgw_database_connections', 'Connections of this process by state', ['state'], () => {
    const pool: Pool = db.client.pool;
    return [
      { labels: { state: 'used' }, value: pool.numUsed() },
      { labels: { state: 'free' }, value: pool.numFree() },
      { labels: { state: 'awaited' }, value: pool.numPendingAcquires() },
    ];
  });
}
