import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

it('getHealth returns ok without authentication', async () => {
  const { status, body } = await gateway.request('GET', '/health');
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});
