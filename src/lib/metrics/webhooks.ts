/**
 * Metrics of webhook deliveries.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface WebhookMetrics {
  /** A delivery was tried. `result` is `accepted`, a class of statuses such as `5xx`, or why there was no response. */
  webhookTried(result: string): void;
  /** A receiver has accepted an event, that many seconds after it was numbered. */
  webhookAccepted(seconds: number): void;
  /** A delivery has begun (1) or ended (-1). */
  webhooksInFlight(change: 1 | -1): void;
}

/** From a healthy receiver to the last try after three days. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 600, 3_600, 36_000, 280_000];

export function createWebhookMetrics(registers: Registry[]): WebhookMetrics {
  const tries = new Counter({
    name: 'pgw_webhook_attempts_total',
    help: 'Tries to deliver an event to an endpoint, by result',
    labelNames: ['result'],
    registers,
  });
  const delays = new Histogram({
    name: 'pgw_webhook_delivery_seconds',
    help: 'Time from an event to its acceptance by a receiver',
    buckets: SECONDS,
    registers,
  });
  const inFlight = new Gauge({
    name: 'pgw_webhook_deliveries_in_flight',
    help: 'Deliveries that this process is sending',
    registers,
  });
  return {
    webhookTried: (result) => tries.inc({ result }),
    webhookAccepted: (seconds) => delays.observe(Math.max(seconds, 0)),
    webhooksInFlight: (change) => inFlight.inc(change),
  };
}
