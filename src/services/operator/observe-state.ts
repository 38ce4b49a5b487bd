/**
 * Gauges read when metrics are collected: the workers' backlog and the database pool.
 */
import type { Knex } from 'knex';
import type { Clock } from '../../lib/clock.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { measureBacklog } from '../../store/backlog.ts';
import { countOrphanedWebhooks } from '../../store/inbox/orphaned-webhooks.ts';
import { findOldestPendingRefund } from '../../store/refunds/refund-queue.ts';
import { countEndpoints, findOldestPending } from '../../store/webhooks/delivery-state.ts';

/** The parts of knex's pool that are used here. */
interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

export function observeState(metrics: Metrics, db: Knex, clock: Clock): void {
  metrics.observe('pgw_worker_backlog', 'Items due for a worker', ['worker'], async () => {
    const backlog = await measureBacklog(db, clock.now());
    return backlog.map(({ worker, due }) => ({ labels: { worker }, value: due }));
  });
  metrics.observe(
    'pgw_worker_oldest_seconds',
    'Seconds since the oldest due item became due',
    ['worker'],
    async () => {
      const now = clock.now();
      const backlog = await measureBacklog(db, now);
      return backlog.map(({ worker, oldest }) => ({
        labels: { worker },
        value: oldest ? (now.getTime() - oldest.getTime()) / 1000 : 0,
      }));
    },
  );
  metrics.observe(
    'pgw_orphaned_webhooks',
    'Webhooks about payments that the gateway does not know',
    [],
    async () => [{ labels: {}, value: await countOrphanedWebhooks(db) }],
  );
  metrics.observe(
    'pgw_refund_oldest_pending_seconds',
    'Age of the oldest pending refund; 0 when there is none',
    [],
    async () => [{ labels: {}, value: ageOf(await findOldestPendingRefund(db), clock) }],
  );
  observeWebhooks(metrics, db, clock);
  metrics.observe(
    'pgw_database_connections',
    'Database connections of this process by state',
    ['state'],
    () => {
      const pool: Pool = db.client.pool;
      return [
        { labels: { state: 'used' }, value: pool.numUsed() },
        { labels: { state: 'free' }, value: pool.numFree() },
        { labels: { state: 'awaited' }, value: pool.numPendingAcquires() },
      ];
    },
  );
}

function observeWebhooks(metrics: Metrics, db: Knex, clock: Clock): void {
  metrics.observe(
    'pgw_webhook_oldest_pending_seconds',
    'Age of the oldest pending delivery to an enabled endpoint; 0 when there is none',
    [],
    async () => [{ labels: {}, value: ageOf(await findOldestPending(db), clock) }],
  );
  metrics.observe('pgw_webhook_endpoints', 'Webhook endpoints by state', ['state'], async () => {
    const counts = await countEndpoints(db);
    return counts.map(({ state, count }) => ({ labels: { state }, value: count }));
  });
}

/** Seconds; 0 when there is nothing. */
function ageOf(moment: Date | undefined, clock: Clock): number {
  return moment ? (clock.now().getTime() - moment.getTime()) / 1000 : 0;
}
