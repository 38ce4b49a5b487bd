/**
 * The list of workers: which job runs, how often, and how many items it takes per run.
 */
import type { ServiceDeps } from '../services/deps.ts';
import { carryOutRefunds } from '../services/jobs/carry-out-refunds.ts';
import { correctCheckTimes } from '../services/jobs/correct-check-times.ts';
import { expirePaymentIntents } from '../services/jobs/expire-payment-intents.ts';
import { fetchLogos } from '../services/jobs/fetch-logos.ts';
import type { JobLimits, JobRun } from '../services/jobs/job.ts';
import { pollAttempts } from '../services/jobs/poll-attempts.ts';
import { processProviderWebhooks } from '../services/jobs/process-provider-webhooks.ts';
import { removeDeliveries } from '../services/jobs/remove-deliveries.ts';
import { removeEvents } from '../services/jobs/remove-events.ts';
import { removeIdempotencyKeys } from '../services/jobs/remove-idempotency-keys.ts';
import { removeOldProviderCalls } from '../services/jobs/remove-provider-calls.ts';
import { removeProviderWebhooks } from '../services/jobs/remove-provider-webhooks.ts';
import { sequenceEvents } from '../services/jobs/sequence-events.ts';
import { countPayments } from '../services/jobs/statistics/count-payments.ts';
import { createUnblocking } from '../services/jobs/unblock-deliveries.ts';
import { createDeliverer } from '../services/webhooks/deliver-webhooks.ts';
import type { Worker } from './runner.ts';

interface Plan {
  readonly name: string;
  readonly intervalMs: number;
  readonly limits: JobLimits;
  readonly run: (deps: ServiceDeps, limits: JobLimits) => Promise<JobRun>;
}

const PLANS: readonly Plan[] = [
  { name: 'events', intervalMs: 100, limits: { limit: 1_000, concurrency: 1 }, run: sequenceEvents },
  {
    name: 'webhooks',
    intervalMs: 1_000,
    limits: { limit: 50, concurrency: 8 },
    run: processProviderWebhooks,
  },
  { name: 'check-times', intervalMs: 2_000, limits: { limit: 50, concurrency: 1 }, run: correctCheckTimes },
  { name: 'attempts', intervalMs: 500, limits: { limit: 50, concurrency: 8 }, run: pollAttempts },
  { name: 'expiry', intervalMs: 1_000, limits: { limit: 50, concurrency: 8 }, run: expirePaymentIntents },
  { name: 'refunds', intervalMs: 2_000, limits: { limit: 20, concurrency: 4 }, run: carryOutRefunds },
  // At most four merchants' servers at a time, which may all hang.
  { name: 'logos', intervalMs: 2_000, limits: { limit: 20, concurrency: 4 }, run: fetchLogos },
  {
    name: 'idempotency-keys',
    intervalMs: 30_000,
    limits: { limit: 1_000, concurrency: 1 },
    run: removeIdempotencyKeys,
  },
  {
    name: 'old-webhooks',
    intervalMs: 60_000,
    limits: { limit: 1_000, concurrency: 1 },
    run: removeProviderWebhooks,
  },
  { name: 'old-events', intervalMs: 60_000, limits: { limit: 10, concurrency: 1 }, run: removeEvents },
  {
    name: 'old-deliveries',
    intervalMs: 60_000,
    limits: { limit: 1_000, concurrency: 1 },
    run: removeDeliveries,
  },
  {
    name: 'old-provider-calls',
    intervalMs: 60_000,
    limits: { limit: 1_000, concurrency: 1 },
    run: removeOldProviderCalls,
  },
  {
    name: 'payment-minutes',
    intervalMs: 60_000,
    limits: { limit: 1_000, concurrency: 1 },
    run: countPayments,
  },
];

/** Short, because most deliveries are made for an event that has just been numbered by another process. */
const DELIVERIES_INTERVAL_MS = 200;

export function createWorkers(deps: ServiceDeps): Worker[] {
  const unblocking: Plan = {
    name: 'blocked-deliveries',
    intervalMs: 5_000,
    limits: { limit: 1_000, concurrency: 1 },
    run: createUnblocking(),
  };
  const jobs = [...PLANS, unblocking].map(({ name, intervalMs, limits, run }) => ({
    name,
    intervalMs,
    runOnce: () => run(deps, limits),
    isFull: ({ taken }: JobRun) => taken >= limits.limit,
  }));
  return [...jobs, createDeliveryWorker(deps)];
}

/** Its runs only start deliveries, so it runs again at once until there is nothing more to start. */
function createDeliveryWorker(deps: ServiceDeps): Worker {
  const { runOnce, finish } = createDeliverer(deps);
  return {
    name: 'deliveries',
    intervalMs: DELIVERIES_INTERVAL_MS,
    runOnce,
    isFull: ({ taken }) => taken > 0,
    finish,
  };
}
