/** What other machines in the network may do in the sandbox. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlRouter } from '../../src/sandbox/control/control.ts';
import { createNotices } from '../../src/sandbox/control/notices.ts';
import { isSameMachine, othersArePayers } from '../../src/sandbox/local-requests.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, createCode } from './support/paypay-client.ts';

describe('a connection', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.2', '127.0.0.1', true],
    ['::1', '::1', true],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1', true],
    ['192.168.1.5', '192.168.1.5', true],
    ['192.168.1.9', '192.168.1.5', false],
    ['::ffff:192.168.1.9', '::ffff:192.168.1.5', false],
    ['1270.0.0.1', '192.168.1.5', false],
    [undefined, '192.168.1.5', false],
  ])('from %s to %s comes from this machine: %s', (remoteAddress, localAddress, expected) => {
    expect(isSameMachine({ remoteAddress, localAddress })).toBe(expected);
  });
});

describe('another machine', () => {
  let server: Server;
  let sandbox: Sandbox;
  let url: string;
  beforeAll(async () => {
    sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }] });
    const control = createControlRouter(sandbox, {
      guard: (_, next) => next(),
      notices: createNotices(),
      allowsRemoteWebhooks: false,
    });
    const app = new Koa();
    app.use(othersArePayers(() => false));
    app.use(control.routes());
    app.use((ctx) => {
      ctx.body = String(ctx.state['isRemote']);
    });
    server = createServer(app.callback());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await sandbox.close();
  });

  const pay = (input: object) =>
    fetch(`${url}/_control/pay`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
    });

  test('pays a code, but not as a tester who moves the clock or pays late or twice', async () => {
    const { url: qr_content } = await createCode(sandbox.url, 'inv-1');
    for (const field of [{ force: 'true' }, { twice: 'true' }, { seconds_from_expiry: '-1' }]) {
      const response = await pay({ qr_content, ...field });
      const message = expect.stringContaining(String(Object.keys(field)[0]));
      expect([response.status, await response.json()]).toEqual([403, { error: 'forbidden', message }]);
    }
    expect(sandbox.ledger()).toMatchObject([{ status: 'CREATED' }]);
    expect((await pay({ qr_content })).status).toBe(200);
    expect(sandbox.ledger()).toMatchObject([{ status: 'COMPLETED' }]);
  });

  test.each([
    ['GET', '/app/cashier?code=04-AAAAAAAAAAAAAAAA'],
    ['GET', '/app/assets/pages.js'],
    ['POST', '/v2/codes'],
  ])('may %s %s, as a payer or a client of PayPay', async (method, path) => {
    const response = await fetch(url + path, { method });
    expect([response.status, await response.text()]).toEqual([200, 'true']);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/deliveries'],
    ['GET', '/_control/payments'],
    ['POST', '/_control/reset'],
    ['POST', '/_control/pay/../reset'],
    ['POST', '/_control/clock'],
    ['POST', '/_control/console/refund'],
    ['POST', '/app/cashier'],
  ])('may not %s %s', async (method, path) => {
    const response = await fetch(url + path, { method });
    expect([response.status, await response.json()]).toMatchObject([403, { error: 'forbidden' }]);
  });
});
