/**
 * Prometheus metrics. Labels have few values, all chosen here: no label holds an id, a path or input from a caller.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** A response was sent. `operation` is the operationId, or `none` when no operation matched. */
  requestEnded(operation: string, status: number, seconds: number): void;
  intentMoved(from: string, to: string): void;
  providerCalled(provider: string, operation: string, outcome: string, seconds: number): void;
  jobEnded(worker: string, run: { taken: number; failed: number }, seconds: number): void;
  /** A request was counted against a rate limit. */
  rateLimited(scope: 'global' | 'merchant', decision: 'passed' | 'refused'): void;
  idempotencyDecided(decision: 'run' | 'replayed' | 'in_progress' | 'different_request'): void;
  /** A response did not match the contract. */
  contractBroken(operation: string, status: number): void;
  /** Whether the shared rate-limit counters are in use, instead of the local fallback. */
  sharedCountersAvailable(isAvailable: boolean): void;
  /** Adds a gauge whose values are read when metrics are collected. */
  observe(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Promise<Reading[]> | Reading[],
  ): void;
  /** All metrics in Prometheus's text format. */
  render(): Promise<{ contentType: string; text: string }>;
}

export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** From a fast read to the 30 s that PayPay may take. */
const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** @param registry may hold other metrics, which are rendered too */
export function createMetrics(registry = new Registry()): Metrics {
  const registers = [registry];
  const requests = new Histogram({
    name: 'pgw_http_request_seconds',
    help: 'Duration of HTTP requests by operation and status',
    labelNames: ['operation', 'status'],
    buckets: SECONDS,
    registers,
  });
  const transitions = new Counter({
    name: 'pgw_intent_transitions_total',
    help: 'Status transitions of payment intents',
    labelNames: ['from', 'to'],
    registers,
  });
  const providerCalls = new Histogram({
    name: 'pgw_provider_call_seconds',
    help: 'Duration of provider calls by operation and outcome',
    labelNames: ['provider', 'operation', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  const jobRuns = new Histogram({
    name: 'pgw_worker_pass_seconds',
    help: 'Duration of worker runs',
    labelNames: ['worker'],
    buckets: SECONDS,
    registers,
  });
  const items = new Counter({
    name: 'pgw_worker_items_total',
    help: 'Items that workers took, and how many of them failed',
    labelNames: ['worker', 'result'],
    registers,
  });
  const limited = new Counter({
    name: 'pgw_rate_limit_decisions_total',
    help: 'Requests counted against a rate limit, by decision',
    labelNames: ['scope', 'decision'],
    registers,
  });
  const idempotency = new Counter({
    name: 'pgw_idempotency_decisions_total',
    help: 'Requests with an Idempotency-Key, by decision',
    labelNames: ['decision'],
    registers,
  });
  const deviations = new Counter({
    name: 'pgw_contract_deviations_total',
    help: 'Sampled responses that did not match the contract',
    labelNames: ['operation', 'status'],
    registers,
  });
  const shared = new Gauge({
    name: 'pgw_rate_limit_shared_counters_available',
    help: '1 while the shared rate-limit counters in Redis are in use, 0 during the local fallback',
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
