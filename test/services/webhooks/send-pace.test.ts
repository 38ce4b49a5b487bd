import { expect, it } from 'vitest';
import { createSendPace } from '../../../src/services/webhooks/send-pace.ts';

it('starts any number of deliveries while the process has time, and few while it is busy', () => {
  let nowMs = 0;
  let utilization = 0.5;
  const pace = createSendPace({ nowMs: () => nowMs, utilization: () => utilization });
  pace.started(1_000);
  expect(pace.allowed()).toBe(Number.POSITIVE_INFINITY);
  utilization = 0.9;
  nowMs = 100;
  expect(pace.allowed()).toBe(16);
  pace.started(10);
  expect(pace.allowed()).toBe(6);
  pace.started(6);
  nowMs = 199;
  expect(pace.allowed()).toBe(0);
  nowMs = 200;
  expect(pace.allowed()).toBe(16);
  utilization = 0.2;
  nowMs = 300;
  expect(pace.allowed()).toBe(Number.POSITIVE_INFINITY);
});
