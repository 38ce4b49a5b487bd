import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

it('getReadiness returns ok without authentication', async () => {
  const { status, body } = await gateway.request('GET', '/ready');
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});

it('getReadiness ignores what a probe adds to the address', async () => {
  for (const query of ['?x=1', '?x=1&x=2', '?', '?%', '?payment_token=x', `?${'a'.repeat(4_000)}`]) {
    const { status, body } = await gateway.request('GET', `/ready${query}`);
    expect([query, status, body]).toEqual([query, 200, { status: 'ok' }]);
  }
});
