/**
 * How the gateway is: backlog of the workers, the events feed, deliveries, the inbox, the circuit of each provider in this process,
 * and the database.
 */
import { monotonicMs, systemClock } from '../../../lib/clock.ts';
import type { CircuitState } from '../../../providers/provider.ts';
import { type Backlog, measureBacklog } from '../../../store/backlog.ts';
import { measureSequencer } from '../../../store/events/sequencer-health.ts';
import { countOrphanedWebhooks } from '../../../store/inbox/orphaned-webhooks.ts';
import { listWaitingEndpoints, type WaitingEndpoint } from '../../../store/operator/endpoints.ts';
import { findOldestPendingRefund } from '../../../store/refunds/refund-queue.ts';
import { countEndpoints } from '../../../store/webhooks/delivery-state.ts';
import type { ServiceDeps } from '../../deps.ts';

/** How far the deliveries of one endpoint are counted, and how many endpoints are shown. */
export const MAX_COUNTED = 1_000;
const MAX_ENDPOINTS = 20;

export interface Health {
  readonly now: Date;
  readonly backlog: readonly Backlog[];
  /** Of what waits longest; undefined: nothing waits. */
  readonly oldest: { readonly change: Date | undefined; readonly refund: Date | undefined };
  /** Last number given in the events feed. */
  readonly position: number;
  readonly orphaned: number;
  readonly endpoints: readonly { readonly state: string; readonly count: number }[];
  readonly waiting: readonly WaitingEndpoint[];
  /** Of this process. */
  readonly circuits: readonly { readonly provider: string; readonly state: CircuitState | undefined }[];
  readonly database: DatabaseHealth;
}

export interface DatabaseHealth {
  /** Of one statement that reads a row. */
  readonly roundTripMs: number;
  readonly connections: { readonly used: number; readonly free: number; readonly awaited: number };
}

/** The parts of knex's pool that are used here. */
interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

/** One statement after the other, so that a page takes one connection and not all. */
export async function readHealth({
  db,
  clock,
  providers,
}: Pick<ServiceDeps, 'db' | 'clock' | 'providers'>): Promise<Health> {
  const now = clock.now();
  const startedMs = monotonicMs(systemClock);
  const sequencer = await measureSequencer(db);
  const roundTripMs = monotonicMs(systemClock) - startedMs;
  const pool: Pool = db.client.pool;
  return {
    now,
    database: {
      roundTripMs,
      connections: { used: pool.numUsed(), free: pool.numFree(), awaited: pool.numPendingAcquires() },
    },
    position: sequencer.position,
    backlog: await measureBacklog(db, now),
    oldest: { change: sequencer.oldestAt, refund: await findOldestPendingRefund(db) },
    orphaned: await countOrphanedWebhooks(db),
    endpoints: await countEndpoints(db),
    waiting: await listWaitingEndpoints(db, MAX_COUNTED, MAX_ENDPOINTS),
    circuits: providers.list().map(({ name, circuitState }) => ({ provider: name, state: circuitState?.() })),
  };
}
