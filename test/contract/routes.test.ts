/**
 * Every described route is served, and no other, except the documentation: its pages are not operations, so the contract
 * does not describe them.
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

const PAGES = [
  '/',
  '/docs',
  '/docs/reference',
  '/docs/first-payment',
  '/openapi.yaml',
  '/openapi.json',
  '/openapi-3.1.yaml',
];

/** Whether a response comes from something other than the router's own refusal. */
async function isServed(method: string, path: string): Promise<boolean> {
  const response = await gateway.request(method, path.replaceAll(/\{\w+\}/g, 'x'));
  const { code, message } = response.body ?? {};
  return code !== 'method_not_allowed' && !(code === 'not_found' && /no such route/.test(message));
}

describe('the routes', () => {
  it.each(paths)('$path: serves $described and no other method', async ({ path, described }) => {
    const served: string[] = [];
    for (const method of METHODS) {
      if (await isServed(method, path)) {
        served.push(method);
      }
    }
    expect(served).toEqual(described);
  });

  it('are the only ones: other paths are refused', async () => {
    const others = ['/v1', '/v1/payment_intents/', '/v2/payment_intents', '/metrics', '/health/x'];
    for (const path of others) {
      expect(await isServed('GET', path), path).toBe(false);
    }
  });

  it('do not include the pages of the documentation, which can only be read', async () => {
    for (const path of PAGES) {
      expect((await fetch(`${gateway.url}${path}`)).status, path).toBe(200);
      for (const method of METHODS.slice(1)) {
        expect(await isServed(method, path), path).toBe(false);
      }
      expect(Object.keys(contract.paths ?? {}), path).not.toContain(path);
    }
  });
});
