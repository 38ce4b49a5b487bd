/**
 * The routes served are the routes described: each described one is there, and nothing else is.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../support/contract.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const paths = Object.entries(contract.paths ?? {}).map(([path, item]) => ({
  path,
  described: METHODS.filter((method) => method.toLowerCase() in (item ?? {})),
}));

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** Whether something answers there that is not the router's own refusal. */
async function isServed(method: string, path: string): Promise<boolean> {
  const response = await gateway.request(method, path.replaceAll(/\{\w+\}/g, 'x'));
  const { code, message } = response.body ?? {};
  return code !== 'method_not_allowed' && !(code === 'not_found' && /no such route/.test(message));
}

describe('the routes', () => {
  it.each(paths)('$path: serves $described and no other method', async ({ path, described }) => {
    const served: string[] = [];
    for (const method of METHODS) if (await isServed(method, path)) served.push(method);
    expect(served).toEqual(described);
  });

  it('are no more than those: other paths are refused', async () => {
    const others = ['/', '/v1', '/v1/payment_intents/', '/v2/payment_intents', '/metrics', '/health/x'];
    for (const path of others) expect(await isServed('GET', path), path).toBe(false);
  });
});
