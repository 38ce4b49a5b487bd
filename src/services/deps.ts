/**
 * What the services depend on. Built in one place, src/deps.ts; tests and the simulation build their own.
 */
import type { Clock } from '../lib/clock.ts';
import type { Crypt } from '../lib/encryption.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Providers } from '../providers/provider.ts';
import type { Db } from '../store/db/query.ts';
import type { ImageFetcher, WebhookSender } from '../webhook-sender/sender.ts';
import type { Followers } from './events/followers.ts';
import type { KeyUses } from './keys/key-uses.ts';
import type { Watchers } from './live-status/watch.ts';
import type { ProviderCalls } from './provider-calls/provider-calls.ts';
import type { PingLimits } from './webhooks/ping-limits.ts';

/** Background work that may be started now instead of at the worker's next run. */
export type WakeTarget = 'webhooks' | 'refunds' | 'deliveries';

export interface ServiceDeps {
  readonly db: Db;
  /** The time of payments; a sandbox can move it. */
  readonly clock: Clock;
  /** The real time, by which clients sign their requests; nothing moves it. */
  readonly wallClock: Clock;
  /** For links shown to people; no trailing slash. */
  readonly publicBaseUrl: string;
  /** Whether payments are simulated. Allows help for developers that would be unsafe with real money. */
  readonly isSandbox: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly crypt: Crypt;
  readonly providers: Providers;
  readonly webhookSender: WebhookSender;
  /** Fetches the logos of merchants. */
  readonly imageFetcher: ImageFetcher;
  /** This process's name in leases. */
  readonly holder: string;
  /** Starts a worker's next run now; a no-op in a process without workers. */
  readonly wake: (work: WakeTarget) => void;
  /** Notifies every node that an intent has changed, after the commit. Best effort; callers do not wait for it. */
  readonly announce: (intentId: string) => void;
  /** The open event streams of this node. */
  readonly watchers: Watchers;
  readonly pingLimits: PingLimits;
  /** Records when API keys are used; callers do not wait for it. */
  readonly keyUses: KeyUses;
  /** Records the calls to providers; nobody waits for it. */
  readonly providerCalls: ProviderCalls;
  /** The requests and streams of this node that wait for events. */
  readonly followers: Followers;
  /** Provider reads that background work may make a second, over all nodes. */
  readonly readsPerSecond: number;
  /** Whether this process is shutting down. */
  readonly isDraining: () => boolean;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
}
