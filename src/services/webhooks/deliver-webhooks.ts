/**
 * The delivery worker: claims due deliveries, sends each outside any transaction, and stores the outcome. A run starts as
 * many as there is capacity for and does not wait for them, so a receiver that hangs delays only itself. A process that dies
 * leaves deliveries that become due again at the end of their lease: each event is delivered at least once.
 */
import { timeOfId } from '../../lib/ids.ts';
import { unblockFirst } from '../../store/webhooks/delivery-order.ts';
import { failRemoved } from '../../store/webhooks/delivery-outcomes.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  findEventBodies,
  type InFlight,
} from '../../store/webhooks/delivery-queue.ts';
import type { SendResult } from '../../webhook-sender/sender.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobRun } from '../jobs/job.ts';
import { readableKeys } from './endpoints.ts';
import { recordDelivery, type TryOutcome } from './record-delivery.ts';
import { createSendPace, type SendPace } from './send-pace.ts';
import { workingKeys } from './signing-keys.ts';

export interface Deliverer {
  /** Starts due deliveries, as many as there is capacity for. `done` counts the started ones. */
  runOnce(): Promise<JobRun>;
  /** Resolves when all started deliveries have ended, or after `timeoutMs`; those left over become due again. */
  finish(timeoutMs?: number): Promise<void>;
}

/**
 * What one process has in flight at most. An endpoint that hangs takes `perEndpoint` until its first time-out, and one
 * afterwards; the total leaves room for others even if dozens begin to hang at once.
 */
const LIMITS = { total: 512, perMerchant: 32, perEndpoint: 8, failing: 256 };
/** What one run starts at most, so that a long backlog does not delay everything else in the process. */
const MAX_STARTED = 128;
/** While the process shuts down. */
const FINISH_MS = 5_000;

/** The deliveries in flight. */
interface Flights {
  readonly running: Set<Promise<void>>;
  readonly byEndpoint: Map<string, InFlight>;
  failing: number;
  readonly pace: SendPace;
}

export function createDeliverer(deps: ServiceDeps, pace = createSendPace()): Deliverer {
  const flights: Flights = { running: new Set(), byEndpoint: new Map(), failing: 0, pace };
  return {
    runOnce: () => startDue(deps, flights),
    async finish(timeoutMs = FINISH_MS) {
      const timeout = new AbortController();
      await Promise.race([
        Promise.all(flights.running).finally(() => timeout.abort()),
        deps.clock.sleep(timeoutMs, timeout.signal),
      ]);
    },
  };
}

async function startDue(deps: ServiceDeps, flights: Flights): Promise<JobRun> {
  const total = Math.min(LIMITS.total - flights.running.size, MAX_STARTED, flights.pace.allowed());
  if (total <= 0 || deps.isDraining()) {
    return { taken: 0, done: 0, failed: 0 };
  }
  const limits = { ...LIMITS, total, failing: Math.max(LIMITS.failing - flights.failing, 0) };
  const now = deps.clock.now();
  const { deliveries: claimed, blocked } = await claimDeliveries(
    deps.db,
    limits,
    [...flights.byEndpoint.values()],
    now,
  );
  // The next run comes to those behind the blocked ones.
  const run = { taken: claimed.length + blocked, done: claimed.length, failed: 0 };
  if (claimed.length === 0) {
    return run;
  }
  const bodies = await findEventBodies(
    deps.db,
    claimed.map(({ eventId }) => eventId),
  );
  flights.pace.started(claimed.length);
  const keysOf = createKeyReader(deps, now);
  const removed: string[] = [];
  for (const delivery of claimed) {
    const body = bodies.get(delivery.eventId);
    if (body === undefined) {
      removed.push(delivery.id);
    } else {
      start(deps, flights, { delivery, body, keys: keysOf(delivery) });
    }
  }
  if (removed.length > 0) {
    await failRemoved(deps.db, removed, now);
    await unblockFirst(deps.db, removed);
  }
  return run;
}

interface Sending {
  readonly delivery: ClaimedDelivery;
  readonly body: string;
  /** None when they cannot be read. */
  readonly keys: readonly string[];
}

function start(deps: ServiceDeps, flights: Flights, sending: Sending): void {
  const { delivery } = sending;
  const leave = enter(flights, delivery);
  deps.metrics.webhooksInFlight(1);
  const running = deliver(deps, sending)
    .catch((err: unknown) =>
      deps.log.error({ err, deliveryId: delivery.id }, 'a webhook delivery failed; it is tried again'),
    )
    .finally(() => {
      flights.running.delete(running);
      deps.metrics.webhooksInFlight(-1);
      // Others may have waited for the capacity that this one took.
      if (leave()) {
        deps.wake('deliveries');
      }
    });
  flights.running.add(running);
}

/** Counts a delivery in flight. @returns a function that ends it and says whether a limit was reached before */
function enter(flights: Flights, { endpointId, merchantId, isFailing }: ClaimedDelivery): () => boolean {
  const count = (change: number) => {
    const before = flights.byEndpoint.get(endpointId)?.count ?? 0;
    if (before + change === 0) {
      flights.byEndpoint.delete(endpointId);
    } else {
      flights.byEndpoint.set(endpointId, { endpointId, merchantId, count: before + change });
    }
    flights.failing += isFailing ? change : 0;
    return before;
  };
  count(1);
  return () => {
    const wasFull =
      isFailing || flights.running.size >= LIMITS.total - 1 || isMerchantFull(flights, merchantId);
    return count(-1) >= LIMITS.perEndpoint || wasFull;
  };
}

function isMerchantFull({ byEndpoint }: Flights, merchantId: string): boolean {
  const counts = [...byEndpoint.values()].filter((flight) => flight.merchantId === merchantId);
  return counts.reduce((sum, { count }) => sum + count, 0) >= LIMITS.perMerchant;
}

async function deliver(deps: ServiceDeps, { delivery, body, keys }: Sending): Promise<void> {
  const at = deps.clock.now();
  const outcome =
    keys.length === 0
      ? unsigned(at)
      : outcomeOf(
          at,
          await deps.webhookSender.send({
            url: delivery.url,
            eventId: delivery.eventId,
            body,
            keys,
            timestamp: Math.floor(deps.wallClock.now().getTime() / 1000),
          }),
        );
  await recordDelivery(deps, delivery, outcome);
  measure(deps, delivery, outcome);
}

/** Opens the keys of each endpoint once for all deliveries of a run. */
function createKeyReader(deps: ServiceDeps, now: Date): (delivery: ClaimedDelivery) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (delivery) => {
    const keys =
      known.get(delivery.endpointId) ??
      workingKeys(readableKeys(deps, delivery.endpointId, delivery.sealedKeys), now);
    known.set(delivery.endpointId, keys);
    return keys;
  };
}

/** Counts as a failed try, so that the endpoint is suspended. */
function unsigned(at: Date): TryOutcome {
  return {
    attempt: {
      at,
      durationMs: 0,
      status: undefined,
      problem: 'signing_keys_unreadable',
      message: 'The signing keys of this endpoint cannot be read; rotate its secret',
      responseExcerpt: undefined,
    },
    failure: { status: undefined, hasTimedOut: false, retryAfterSeconds: undefined },
  };
}

function outcomeOf(at: Date, result: SendResult): TryOutcome {
  const { durationMs } = result;
  if (result.kind === 'no_response') {
    const { problem, message } = result;
    return {
      attempt: { at, durationMs, status: undefined, problem, message, responseExcerpt: undefined },
      failure: { status: undefined, hasTimedOut: problem === 'timed_out', retryAfterSeconds: undefined },
    };
  }
  const { status, retryAfterSeconds, excerpt } = result;
  const isAccepted = status >= 200 && status < 300;
  return {
    attempt: {
      at,
      durationMs,
      status,
      problem: undefined,
      message: undefined,
      responseExcerpt: excerpt === '' ? undefined : excerpt,
    },
    failure: isAccepted ? undefined : { status, hasTimedOut: false, retryAfterSeconds },
  };
}

function measure(
  { metrics, clock }: ServiceDeps,
  delivery: ClaimedDelivery,
  { attempt, failure }: TryOutcome,
) {
  const status = attempt.status === undefined ? undefined : `${Math.floor(attempt.status / 100)}xx`;
  metrics.webhookTried(failure ? (status ?? attempt.problem ?? 'failed') : 'accepted');
  if (!failure) {
    metrics.webhookAccepted((clock.now().getTime() - timeOfId(delivery.eventId).getTime()) / 1000);
  }
}
