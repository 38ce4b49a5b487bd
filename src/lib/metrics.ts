/**
 * Prometheus metrics. Labels have few values, all chosen here: no label holds an id, a path or input from a caller.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createRefundMetrics, type RefundMetrics } from './metrics/refunds.ts';
import { createWebhookMetrics, type WebhookMetrics } from './metrics/webhooks.ts';

export interface Metrics extends WebhookMetrics, RefundMetrics {
  /** A response was sent. `operation` is the operationId, or `none` when no operation matched. */
  requestEnded(operation: string, status: number, seconds: number): void;
  /** A request was refused or failed; `reason` is one of the gateway's words, or `none`. */
  requestRefused(code: string, reason: string): void;
  intentMoved(from: string, to: string): void;
  providerCalled(provider: string, operation: string, outcome: string, seconds: number): void;
  jobEnded(worker: string, run: { taken: number; failed: number }, seconds: number): void;
  /** A request was counted against a rate limit. */
  rateLimited(scope: string, decision: 'passed' | 'refused'): void;
  idempotencyDecided(decision: 'run' | 'replayed' | 'in_progress' | 'different_request'): void;
  /** An event got its position in the feed. */
  eventNumbered(type: string): void;
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
  const counter = counterIn(registers);
  const requests = new Histogram({
    name: 'pgw_http_request_seconds',
    help: 'Duration of HTTP requests by operation and status',
    labelNames: ['operation', 'status'],
    buckets: SECONDS,
    registers,
  });
  const refusals = counter('pgw_http_refusals_total', 'Refused requests', ['code', 'reason']);
  const transitions = counter('pgw_intent_transitions_total', 'Status transitions of payment intents', [
    'from',
    'to',
  ]);
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
  const items = counter('pgw_worker_items_total', 'Items that workers took, and how many of them failed', [
    'worker',
    'result',
  ]);
  const limited = counter(
    'pgw_rate_limit_decisions_total',
    'Requests counted against a rate limit, by decision',
    ['scope', 'decision'],
  );
  const idempotency = counter('pgw_idempotency_decisions_total', 'Requests with an Idempotency-Key', [
    'decision',
  ]);
  const events = counter('pgw_events_total', 'Events that got their position in the feed', ['type']);
  const deviations = counter(
    'pgw_contract_deviations_total',
    'Sampled responses that did not match the contract',
    ['operation', 'status'],
  );
  const shared = new Gauge({
    name: 'pgw_rate_limit_shared_counters_available',
    help: '1 while the shared rate-limit counters in Redis are in use, 0 during the local fallback',
    registers,
  });
  return {
    requestEnded: (operation, status, seconds) =>
      requests.observe({ operation, status: String(status) }, seconds),
    requestRefused: (code, reason) => refusals.inc({ code, reason }),
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
    eventNumbered: (type) => events.inc({ type }),
    contractBroken: (operation, status) => deviations.inc({ operation, status: String(status) }),
    sharedCountersAvailable: (isAvailable) => shared.set(isAvailable ? 1 : 0),
    ...createWebhookMetrics(registers),
    ...createRefundMetrics(registers),
    observe: observeIn(registers),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** Makes gauges that are read when metrics are collected. */
function observeIn(registers: Registry[]): Metrics['observe'] {
  return (name, help, labels, read) => {
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
  };
}

/** Makes counters, one line each. */
function counterIn(registers: Registry[]) {
  return <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
}
