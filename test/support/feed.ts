/**
 * The events feed in tests. A transaction of another test file on the same server can hold back the sequencer for a moment, so
 * events are waited for.
 */
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import type { Credentials, TestGateway, TestResponse } from './gateway.ts';

/** Runs the sequencer until the feed of the merchant has `count` events, by default any. @returns the response with all of them */
export async function sequenceUntil(
  gateway: TestGateway,
  merchant: Credentials,
  count?: number,
): Promise<TestResponse> {
  let response: TestResponse | undefined;
  await eventually(async () => {
    await gateway.runPasses('events');
    response = await gateway.request('GET', '/v1/events?after=oldest&limit=100', { as: merchant });
    expect(response.body.data.length).toBeGreaterThanOrEqual(count ?? 1);
    expect(response.body.data.length).toBeLessThanOrEqual(count ?? 100);
  });
  if (!response) {
    throw new Error('unreachable');
  }
  return response;
}
