import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/lib/hash.ts';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { storeLogo } from '../../../src/store/sync/merchant-logos.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { webpOf } from '../../support/images.ts';

const content = webpOf(10, 10);
const hash = sha256Hex(content);

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const url = 'https://shop.example/logo';
  await syncMerchants(gateway.deps, [{ id: 'm', name: 'M', branding: { logo_url: url }, stores: [] }]);
  const due = { merchantId: 'm', url, tries: 1 };
  await storeLogo(gateway.deps.db, due, { hash, type: 'image/webp', content }, new Date());
});
afterAll(() => gateway.close());

describe('GET /logos/{file}', () => {
  it('serves a logo to anybody, to be cached for ever, as nothing but an image', async () => {
    const { status, headers, bytes } = await gateway.request('GET', `/logos/${hash}.webp`);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(bytes).toEqual(content);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('x-ratelimit-limit')).not.toBeNull();
  });

  it('knows no other hash, and no other type than that of the content', async () => {
    for (const file of [`${'0'.repeat(64)}.webp`, `${hash}.png`]) {
      const { status, body } = await gateway.request('GET', `/logos/${file}`);
      expect([file, status, body.code]).toEqual([file, 404, 'not_found']);
    }
  });

  it('refuses a name of another form', async () => {
    for (const file of ['logo.png', `${hash}.svg`, `${hash.toUpperCase()}.webp`]) {
      expect((await gateway.request('GET', `/logos/${file}`)).status).toBe(400);
    }
  });
});
