/**
 * What the console says when the database is not available, and to HTTP that a proxy may have read in another way.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../support/console.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { sendBytes } from '../support/raw-http.ts';

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

describe('without the database', () => {
  let cutOff: TestConsole;
  beforeAll(async () => {
    const db = gateway.database.connect(1);
    await db.destroy();
    cutOff = await startTestConsole({ ...gateway.deps, db });
  });
  afterAll(() => cutOff.close());

  it.each([
    ['en', 'Not available at the moment'],
    ['ja', '現在利用できません'],
  ])('a page is 503 with Retry-After, and says so (%s)', async (language, title) => {
    const headers = { Cookie: admin.cookie, 'Accept-Language': language };
    const response = await cutOff.stranger.get('/payments', headers);
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '2']);
    expect(response.text).toContain(title);
    expect(response.text).not.toContain('connection');
  });

  it('a form is 503 too', async () => {
    const headers = { Cookie: admin.cookie };
    const response = await cutOff.stranger.post('/payments/pi_1/notes', { reason: 'They called' }, headers);
    expect(response.status).toBe(503);
  });
});

describe('ambiguous HTTP', () => {
  const send = (headers: string) =>
    sendBytes(Number(new URL(console.url).port), `GET /sign-in HTTP/1.1\r\n${headers}\r\n\r\n`);

  it.each([
    ['two hosts', (host: string) => `Host: ${host}\r\nHost: other.example`],
    ['no host', () => 'Accept: */*'],
    ['a coding that is not decoded', (host: string) => `Host: ${host}\r\nTransfer-Encoding: gzip, chunked`],
  ])('with %s is refused, and the connection is closed', async (_, headers) => {
    const received = await send(headers(new URL(console.url).host));
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toMatch(/\r\nConnection: close\r\n/i);
  });
});
