/**
 * What the services need to work. Built in one place, src/deps.ts; tests and the simulation build their own.
 */
import type { Clock } from '../lib/clock.ts';
import type { Crypt } from '../lib/encryption.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Provider } from '../providers/provider.ts';
import type { Db } from '../store/db/query.ts';
import type { NewPaymentIntent } from '../store/new-payment-intents.ts';
import type { Watchers } from './live-status/watch.ts';

/** Work that waits for a worker pass and may be started now instead of at the next tick. */
export type WakeTarget = 'webhooks' | 'attempts' | 'refunds';

export interface ServiceDeps {
  readonly db: Db;
  /** When things happen. In a sandbox it can be moved. */
  readonly clock: Clock;
  /** The time outside, which nothing moves: strangers sign their requests by it. */
  readonly wallClock: Clock;
  /** For links handed to people; no trailing slash. */
  readonly publicBaseUrl: string;
  /** Whether payments are simulated, so that developers may be helped in ways that payers' money forbids. */
  readonly isSandbox: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly crypt: Crypt;
  readonly findProvider: (name: string) => Provider | undefined;
  /** This process's name in leases. */
  readonly holder: string;
  /** Wakes a worker; a no-op where none runs. */
  readonly wake: (work: WakeTarget) => void;
  /** Tells every node that an intent has changed, once it has; best effort, and nobody waits for it. */
  readonly announce: (intentId: string) => void;
  /** Who watches payment intents on this node. */
  readonly watchers: Watchers;
  /** Reads at the provider that background work may make a second, in the whole installation. */
  readonly readsPerSecond: number;
  /** Whether this process is shutting down. */
  readonly isDraining: () => boolean;
  /** Names the idempotent request that this work belongs to, equal in its repetitions. */
  readonly idempotencyId?: string;
  /** Takes a new intent in place of storing it now: it is stored together with its key and answer (create-once.ts). */
  readonly keepMade?: (made: NewPaymentIntent) => void;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
}
