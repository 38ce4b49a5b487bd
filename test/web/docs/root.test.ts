/**
 * The root of the gateway: people are led to the documentation, programs get the addresses of what there is.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contract } from '../../support/contract.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const get = (headers: Record<string, string>, method = 'GET') =>
  fetch(`${gateway.url}/`, { method, headers, redirect: 'manual' });
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

it.each([
  ['en-GB,en;q=0.9', '/docs'],
  ['de', '/docs'],
  ['*', '/docs'],
  ['ja-JP,ja;q=0.9,en;q=0.8', '/docs/ja'],
])('a browser that prefers %s is led to %s', async (language, address) => {
  const { status, headers } = await get({ Accept: BROWSER, 'Accept-Language': language });
  expect([status, headers.get('Location')]).toEqual([302, address]);
  expect(headers.get('Vary')).toMatch(/Accept.*Accept-Language/);
  expect((await get({ Accept: 'text/html', 'Accept-Language': language }, 'HEAD')).status).toBe(302);
});

it.each(['*/*', 'application/json'])('a program that accepts %s gets an index', async (accept) => {
  const response = await get({ Accept: accept });
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8');
  expect(response.headers.get('X-Request-Id')).toMatch(/^req_/);
  expect(await response.json()).toEqual({
    name: 'mpac-pgw',
    version: contract.info.version,
    links: {
      documentation: 'http://localhost:8080/docs',
      openapi: 'http://localhost:8080/openapi.yaml',
      health: 'http://localhost:8080/health',
    },
  });
});

it('can only be read', async () => {
  const { status, body } = await gateway.request('POST', '/');
  expect([status, body.code]).toEqual([405, 'method_not_allowed']);
});
