/**
 * The console's chain: what every request passes before its handler.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestConsole, type TestConsole } from '../support/console.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

describe('the console', () => {
  it('leads somebody without a session to the sign-in and back', async () => {
    const response = await console.stranger.get('/payments?status=succeeded');
    expect(response.status).toBe(303);
    expect(response.location).toBe('/sign-in?to=%2Fpayments%3Fstatus%3Dsucceeded');
  });

  it('says after the end of a session that the form which was sent did nothing, and leads back to its page', async () => {
    const send = (referer: string) =>
      console.stranger.post('/payments/pi_1/notes', { reason: 'They called' }, { Referer: referer });
    const { location } = await send(`${console.url}/payments/pi_1?kind=calls`);
    expect(location).toBe('/sign-in?to=%2Fpayments%2Fpi_1%3Fkind%3Dcalls&unsent=yes');
    for (const elsewhere of ['https://shop.example/payments', 'nonsense']) {
      expect((await send(elsewhere)).location).toBe('/sign-in?to=%2F&unsent=yes');
    }
    expect((await console.stranger.get(location ?? '')).text).toContain('so nothing was done');
    expect((await console.stranger.get('/sign-in')).text).not.toContain('so nothing was done');
  });

  it('leads on from a link on another site to a page, but not to a download that the audit log records', async () => {
    const site = { 'Sec-Fetch-Site': 'cross-site' };
    const page = await console.stranger.get('/payments?status=succeeded', site);
    expect([page.status, page.headers.get('Refresh')]).toEqual([200, '0; url=/payments?status=succeeded']);
    for (const path of ['/payments/export?status=succeeded', '/audit/export']) {
      const response = await console.stranger.get(path, site);
      expect([response.status, response.headers.get('Refresh')]).toEqual([200, null]);
      expect(response.text).toContain(`href="${path}"`);
    }
  });

  it('refuses a form that another site sends', async () => {
    const admin = await console.signIn('admin');
    const other = await admin.post('/sign-out', {}, { 'Sec-Fetch-Site': 'cross-site' });
    expect(other.status).toBe(403);
    expect((await admin.post('/sign-out', {}, { 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
  });

  it('refuses an operator whose roles do not allow it', async () => {
    const viewer = await console.signIn('viewer');
    expect((await viewer.get('/audit')).status).toBe(403);
    expect((await viewer.get('/keys')).status).toBe(403);
  });
});
