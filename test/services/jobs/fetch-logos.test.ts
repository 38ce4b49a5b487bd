import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { findShop } from '../../../src/store/merchants.ts';
import { listMissingLogos } from '../../../src/store/sync/merchant-logos.ts';
import { createTestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { jpegOf, pngOf } from '../../support/images.ts';
import { type Receiver, startReceiver } from '../../webhook-sender/receivers.ts';

const PNG = pngOf(64, 64);
const JPEG = jpegOf(64, 64);
const clock = createTestClock();

let gateway: TestGateway;
let shop: Receiver;
let respond: (response: ServerResponse) => void;
let merchants = 0;
let id: string;

beforeAll(async () => {
  gateway = await startTestGateway({ clock });
  shop = await startReceiver((response) => respond(response));
});
beforeEach(() => {
  merchants += 1;
  id = `merchant_logo_${merchants}`;
  respond = (response) => response.end(PNG);
});
afterAll(async () => {
  await gateway.close();
  await shop.close();
});

const sync = (logoUrl: string) =>
  syncMerchants(gateway.deps, [{ id, name: 'M', branding: { logo_url: logoUrl }, stores: [] }]);
const urlOf = (path: string) => `http://127.0.0.1:${shop.port}${path}`;
const logoPath = async () => (await findShop(gateway.deps.db, id, undefined))?.branding.logoPath;
const missing = async () =>
  (await listMissingLogos(gateway.deps.db, 100)).find(({ merchantId }) => merchantId === id);

describe('the logo of a merchant', () => {
  it('is fetched after the sync and not by it, and served as it is under the hash of its content', async () => {
    await sync(urlOf('/a/logo.png?v=1'));
    expect(shop.received.filter(({ path }) => path.startsWith('/a/'))).toEqual([]);
    expect(await logoPath()).toBeUndefined();
    await gateway.runPasses('logos');
    await gateway.runPasses('logos');
    expect(shop.received.filter(({ path }) => path === '/a/logo.png?v=1')).toHaveLength(1);
    const path = await logoPath();
    expect(path).toMatch(/^\/logos\/[0-9a-f]{64}\.png$/);
    const served = await fetch(`${gateway.url}${path}`);
    expect([served.status, served.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await served.arrayBuffer())).toEqual(PNG);
    expect(await missing()).toBeUndefined();
  });

  it('stays until that of the new URL is there, and goes when the URL is removed', async () => {
    await sync(urlOf('/b.png'));
    await gateway.runPasses('logos');
    const first = await logoPath();
    respond = (response) => response.end(JPEG);
    await sync(urlOf('/b.jpg'));
    expect(await logoPath()).toBe(first);
    await gateway.runPasses('logos');
    const second = await logoPath();
    expect(second).toMatch(/\.jpg$/);
    await sync('');
    expect(await logoPath()).toBeUndefined();
    expect((await fetch(`${gateway.url}${second}`)).status).toBe(404);
  });

  it.each([
    ['no image', (response: ServerResponse) => response.end('<html>'), 'it is not a PNG, JPEG or WebP image'],
    [
      'too large',
      (response: ServerResponse) => response.end(Buffer.concat([PNG, Buffer.alloc(300_000)])),
      'it is larger than 200 kB',
    ],
    [
      'missing',
      (response: ServerResponse) => response.writeHead(404).end(),
      '127.0.0.1 responded with status 404',
    ],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: urlOf('/elsewhere') }).end(),
      '127.0.0.1 responded with status 302; redirects are not followed, so use the final URL',
    ],
  ])('that is %s is reported, and tried again later', async (_name, refuse, problem) => {
    respond = refuse;
    await sync(urlOf('/c.png'));
    await gateway.runPasses('logos');
    expect(await missing()).toMatchObject({ tries: 1, problem, nextTryAt: expect.any(Date) });
    expect(shop.received.some(({ path }) => path === '/elsewhere')).toBe(false);
    expect(await logoPath()).toBeUndefined();
    respond = (response) => response.end(PNG);
    await clock.advance(61_000);
    await gateway.runPasses('logos');
    expect(await missing()).toBeUndefined();
    expect(await logoPath()).toMatch(/\.png$/);
  });

  it('that never comes is given up after nine tries, until the URL changes', async () => {
    respond = (response) => response.writeHead(500).end();
    await sync(urlOf('/d.png'));
    for (let tries = 0; tries < 12; tries += 1) {
      await gateway.runPasses('logos');
      await clock.advance(3_600_000);
    }
    expect(await missing()).toMatchObject({ tries: 9, nextTryAt: undefined });
    expect(shop.received.filter(({ path }) => path === '/d.png')).toHaveLength(9);
    expect(gateway.logLines.join('')).toContain('pgw merchants logos lists such logos');
    respond = (response) => response.end(PNG);
    await sync(urlOf('/d2.png'));
    await gateway.runPasses('logos');
    expect(await logoPath()).toMatch(/\.png$/);
  });

  it('that was fetched for a URL which changed meanwhile is not stored', async () => {
    respond = (response) => void sync(urlOf('/e2.png')).then(() => response.end(PNG));
    await sync(urlOf('/e1.png'));
    await gateway.runPasses('logos');
    expect(await logoPath()).toBeUndefined();
    expect(await missing()).toMatchObject({ url: urlOf('/e2.png'), tries: 0 });
  });
});
