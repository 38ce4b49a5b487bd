/**
 * What is measured, for Prometheus. Labels are words of ours with few values; none holds an id, a path or anything a
 * caller chose.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** A request was answered; `operation` is the operationId, or `none` when it was routed to none. */
  requestEnded(operation: string, status: number, seconds: number): void;
  intentMoved(from: string, to: string): void;
  providerCalled(provider: string, operation: string, outcome: string, seconds: number): void;
  jobEnded(worker: string, run: { taken: number; failed: number }, seconds: number): void;
  /** A request was counted against a limit. */
  rateLimited(scope: 'global' | 'merchant', decision: 'passed' | 'refused'): void;
  idempotencyDecided(decision: 'run' | 'replayed' | 'in_progress' | 'different_request'): void;
  /** An answer was found not to be as the contract says. */
  contractBroken(operation: string, status: number): void;
  /** Whether the shared rate-limit counters are in use (not the local ones in their place). */
  sharedCountersAvailable(isAvailable: boolean): void;
  /** Adds gauges that are read when Prometheus asks. */
  observe(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Promise<Reading[]> | Reading[],
  ): void;
  /** The text that Prometheus reads. */
  render(): Promise<{ contentType: string; text: string }>;
}

export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** From a fast read to PayPay's 30 s. */
const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** @param registry where they are kept, with whatever else is to be shown */
export function createMetrics(registry = new Registry()): Metrics {
  const registers = [registry];
  const requests = new Histogram({
    name: 'pgw_http_request_seconds',
    help: 'Requests by operation and status',
    labelNames: ['operation', 'status'],
    buckets: SECONDS,
    registers,
  });
  const transitions = new Counter({
    name: 'pgw_intent_transitions_total',
    help: 'Status changes of payment intents',
    labelNames: ['from', 'to'],
    registers,
  });
  const providerCalls = new Histogram({
    name: 'pgw_provider_call_seconds',
    help: 'Calls to providers by operation and outcome',
    labelNames: ['provider', 'operation', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  const jobRuns = new Histogram({
    name: 'pgw_worker_pass_seconds',
    help: 'Passes of background workers',
    labelNames: ['worker'],
    buckets: SECONDS,
    registers,
  });
  const items = new Counter({
    name: 'pgw_worker_items_total',
    help: 'Items that workers took, and those of them that failed',
    labelNames: ['worker', 'result'],
    registers,
  });
  const limited = new Counter({
    name: 'pgw_rate_limit_decisions_total',
    help: 'Requests counted against a limit',
    labelNames: ['scope', 'decision'],
    registers,
  });
  const idempotency = new Counter({
    name: 'pgw_idempotency_decisions_total',
    help: 'Requests with an Idempotency-Key',
    labelNames: ['decision'],
    registers,
  });
  const deviations = new Counter({
    name: 'pgw_contract_deviations_total',
    help: 'Judged answers that were not as the contract says',
    labelNames: ['operation', 'status'],
    registers,
  });
  const shared = new Gauge({
    name: 'pgw_rate_limit_shared_counters_available',
    help: '1 while the rate-limit counters in Redis are in use, 0 while local ones stand in',
    registers,
  });
  return {
    requestEnded: (operation, status, seconds) =>
      requests.observe({ operation, status: String(status) }, seconds),
    intentMoved: (from, to) => transitions.inc({ from, to }),
    providerCalled: (provider, operation, outcome, seconds) =>
      providerCalls.observe({ provider, operation, outcome }, seconds),
    jobEnded(worker, { taken, failed }, seconds) {
      jobRuns.observe({ worker }, seconds);
      items.inc({ worker, result: 'taken' }, taken);
      items.inc({ worker, result: 'failed' }, failed);
    },
    rateLimited: (scope, decision) => limited.inc({ scope, decision }),
    idempotencyDecided: (decision) => idempotency.inc({ decision }),
    contractBroken: (operation, status) => deviations.inc({ operation, status: String(status) }),
    sharedCountersAvailable: (isAvailable) => shared.set(isAvailable ? 1 : 0),
    observe(name, help, labels, read) {
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        async collect() {
          for (const { labels: values, value } of await read()) {
            this.set(values, value);
          }
        },
      });
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
