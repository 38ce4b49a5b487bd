import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

const START_MS = Date.parse('2026-01-15T10:00:00Z');

const sender = scriptedSender();
let nowMs = START_MS;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  const clock = { now: () => new Date(nowMs), sleep: async () => undefined };
  gateway = await startTestGateway({ clock, webhookSender: sender });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const rotate = (id: string, body?: unknown, headers = {}, as = merchant) =>
  gateway.request('POST', `${ENDPOINTS}/${id}/rotate_secret`, { as, body, headers });

/** The keys that sign now. */
async function signingKeys(id: string): Promise<readonly string[] | undefined> {
  nowMs += 60_000;
  expect((await gateway.request('POST', `${ENDPOINTS}/${id}/ping`, { as: merchant })).status).toBe(200);
  nowMs -= 60_000;
  return sender.sent.at(-1)?.keys;
}

describe('POST /v1/webhook_endpoints/{id}/rotate_secret', () => {
  it('returns a new secret; the previous one signs too until the overlap ends', async () => {
    const { id, secret } = await newEndpoint(gateway, merchant);
    const { status, body } = await rotate(id, { overlap_seconds: 3600 });
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(secret);
    expect(Date.parse(body.secret_expires_at)).toBe(nowMs + 3_600_000);
    expect(await signingKeys(id)).toEqual([body.secret, secret]);
    nowMs += 3_600_000;
    expect(await signingKeys(id)).toEqual([body.secret]);
    const shown = await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant });
    expect(shown.body).not.toHaveProperty('secret_expires_at');
  });

  it('overlaps by a day without a body, and not at all with 0', async () => {
    const { id, secret } = await newEndpoint(gateway, merchant);
    const first = await rotate(id);
    expect(Date.parse(first.body.secret_expires_at)).toBe(nowMs + 86_400_000);
    const second = await rotate(id, { overlap_seconds: 0 });
    expect(second.body).not.toHaveProperty('secret_expires_at');
    const keys = await signingKeys(id);
    expect(keys).toEqual([second.body.secret]);
    expect(keys).not.toContain(secret);
  });

  it('does not lengthen an overlap that ends sooner', async () => {
    const { id, secret } = await newEndpoint(gateway, merchant);
    const first = await rotate(id, { overlap_seconds: 600 });
    const second = await rotate(id, { overlap_seconds: 604_800 });
    expect(await signingKeys(id)).toEqual([second.body.secret, first.body.secret, secret]);
    nowMs += 600_000;
    expect(await signingKeys(id)).toEqual([second.body.secret, first.body.secret]);
  });

  it('with Ed25519 returns the new public key, and no private key', async () => {
    const created = await gateway.request('POST', ENDPOINTS, {
      as: merchant,
      body: { url: 'https://shop.example.com/', signature: 'ed25519' },
    });
    const { body } = await rotate(created.body.id);
    expect(body.public_key).toMatch(/^whpk_/);
    expect(body.public_key).not.toBe(created.body.public_key);
    expect(JSON.stringify(body)).not.toMatch(/whsk_|"secret"/);
  });

  it('repeated with the same key returns the same secret', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    const headers = { 'Idempotency-Key': `rotate ${id}`.replace(' ', '_') };
    const [first, second] = [await rotate(id, {}, headers), await rotate(id, {}, headers)];
    expect(second.body).toEqual(first.body);
    expect(await signingKeys(id)).toHaveLength(2);
  });

  it('keeps every secret when requests are concurrent, and refuses an eleventh key', async () => {
    const { id, secret } = await newEndpoint(gateway, merchant);
    const responses = await Promise.all(Array.from({ length: 12 }, () => rotate(id)));
    const made = responses.filter(({ status }) => status === 200).map(({ body }) => body.secret);
    const refused = responses.filter(({ status }) => status === 400);
    expect([made.length, refused.length]).toEqual([9, 3]);
    expect(refused[0]?.body.details).toMatchObject({ field: 'overlap_seconds', constraint: 'max_items' });
    expect([...((await signingKeys(id)) ?? [])].sort()).toEqual([...made, secret].sort());
    expect((await rotate(id, { overlap_seconds: 0 })).status).toBe(200);
  });

  it.each([
    [{ overlap_seconds: -1 }, 'min_value'],
    [{ overlap_seconds: 604_801 }, 'max_value'],
    [{ overlap_seconds: 'day' }, 'type'],
  ])('refuses %j', async (body, constraint) => {
    const { id } = await newEndpoint(gateway, merchant);
    const refused = await rotate(id, body);
    expect([refused.status, refused.body.details.constraint]).toEqual([400, constraint]);
  });

  it('does not find an endpoint that the merchant does not have', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    expect((await rotate(id, {}, {}, await gateway.newMerchant())).status).toBe(404);
    expect((await gateway.request('POST', `${ENDPOINTS}/${id}/rotate_secret`)).status).toBe(401);
  });
});
