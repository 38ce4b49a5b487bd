/**
 * Requests that no page of the console makes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES, type Route, type RouteId } from '../../src/console/routes.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../support/console.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;
let admin: ConsoleClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  admin = await console.signIn('admin');
});
afterAll(async () => {
  await console.close();
  await gateway.close();
});

const QUERY = [
  'q',
  'after',
  'merchant',
  'store',
  'stores',
  'shop',
  'status',
  'state',
  'from',
  'object',
  'page',
];
const KEY_FIELDS = ['label', 'stores', 'addresses', 'upstream', 'merchant'];

const pathsOf = (method: Route['method'], parameter: string): string[] =>
  (Object.keys(ROUTES) as RouteId[])
    .map((id): Route => ROUTES[id])
    .filter((route) => route.method === method && route.body === undefined)
    .map(({ path }) => path.replaceAll(/:\w+/g, parameter));

describe('a character that no database stores', () => {
  it('in the query of any page makes none of them fail', async () => {
    const failed: string[] = [];
    for (const path of pathsOf('GET', 'made_up')) {
      const target = `${path}?${QUERY.map((name) => `${name}=a%00b`).join('&')}`;
      const { status } = await admin.get(target);
      failed.push(...(status >= 500 ? [target] : []));
    }
    expect(failed).toEqual([]);
  });

  it('in the address of any object is one that does not exist', async () => {
    const client = await console.signIn('admin');
    const gets = pathsOf('GET', 'a%00b').filter((path) => path.includes('%00'));
    const posts = pathsOf('POST', 'a%00b').filter((path) => path.includes('%00'));
    const statuses = [
      ...(await Promise.all(gets.map(async (path) => (await client.get(path)).status))),
      ...(await Promise.all(posts.map(async (path) => (await client.post(path)).status))),
    ];
    expect(new Set(statuses)).toEqual(new Set([404]));
  });

  it('in a form makes none fail', async () => {
    const { merchantId: merchant } = await gateway.newMerchant();
    const form = { reason: 'for the test', scopes: 'payments', merchant };
    for (const name of KEY_FIELDS) {
      expect((await admin.post('/keys', { ...form, [name]: 'a\0b' })).status, name).toBeLessThan(500);
    }
  });
});
