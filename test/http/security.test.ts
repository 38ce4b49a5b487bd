import type { Document } from 'openapi-backend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { authorizationHeader, hashSecretKey, sign, stringToSign } from '../../src/lib/signing.ts';
import { ensureApiKey, revokeApiKey, rotateApiKey } from '../../src/services/operator/api-keys.ts';
import { credentials, hmacKey, vectors } from '../lib/signing/vectors.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { contract, contractText } from '../support/contract.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

const PATH = '/v1/payment_intents';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

interface Parts {
  readonly apiKey?: string;
  readonly method?: string;
  readonly path?: string;
  readonly at?: Date;
  readonly body?: string;
  readonly spell?: (signature: string) => string;
}

function header({
  apiKey = merchant.apiKey,
  method = 'GET',
  path = PATH,
  at = clock.now(),
  body = '',
  spell,
}: Parts = {}): string {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = sign(hashSecretKey(merchant.secretKey), { method, path, timestamp, body });
  return `HMAC-SHA256 ${apiKey}:${timestamp}:${spell ? spell(signature) : signature}`;
}

const get = (authorization: string, target = PATH) =>
  gateway.request('GET', target, { headers: { Authorization: authorization } });
const reasonOf = async (authorization: string, target = PATH) => {
  const { status, body } = await get(authorization, target);
  expect([status, body.code]).toEqual([401, 'unauthorized']);
  return body.details.reason;
};

describe('HMAC-SHA256', () => {
  it.each(vectors)('signs as the published vector says: $name', (vector) => {
    const { method, path, body } = vector;
    const request = { method, path, timestamp: String(vector.timestamp), body };
    expect(stringToSign(request)).toBe(vector.string_to_sign);
    expect(hashSecretKey(credentials.secretKey)).toBe(hmacKey);
    expect(`HMAC-SHA256 ${credentials.apiKey}:${vector.timestamp}:${sign(hmacKey, request)}`).toBe(
      vector.authorization,
    );
  });

  it('accepts a signature over the path, or over path and query exactly as sent, in either hex case', async () => {
    const target = `${PATH}?limit=1&status=succeeded`;
    expect((await get(header(), target)).status).toBe(200);
    expect((await get(header({ path: target }), target)).status).toBe(200);
    expect((await get(header({ spell: (hex) => hex.toUpperCase() }))).status).toBe(200);
  });

  it('accepts a timestamp up to 5 minutes off and refuses what is further', async () => {
    const at = (seconds: number) =>
      new Date(Math.floor(clock.now().getTime() / 1000) * 1000 + seconds * 1000);
    for (const seconds of [-300, 300]) {
      expect((await get(header({ at: at(seconds) }))).status).toBe(200);
    }
    for (const seconds of [-301, 301]) {
      expect(await reasonOf(header({ at: at(seconds) }))).toBe('timestamp_out_of_window');
    }
    const { details } = (await get(header({ at: at(301) }))).body;
    expect(details.gateway_timestamp).toBe(Math.floor(clock.now().getTime() / 1000));
  });

  it('says why it refuses, but never an expected value', async () => {
    expect((await gateway.request('GET', PATH)).body.details.reason).toBe('missing_authorization');
    expect(await reasonOf(header({ apiKey: 'ak_unknown' }))).toBe('unknown_key');
    for (const wrong of [
      { method: 'POST' },
      { path: '/v1/other' },
      { body: ' ' },
      { path: `${PATH}?limit=2` },
    ]) {
      expect(await reasonOf(header(wrong), `${PATH}?limit=1`)).toBe('signature_mismatch');
    }
    const { body } = await get(header({ method: 'POST' }));
    expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{64}/);
  });

  it.each([
    'Bearer token',
    'HMAC-SHA256',
    'HMAC-SHA256 ',
    'HMAC-SHA256 a:b',
    'HMAC-SHA256 a:b:c:d',
    'HMAC-SHA256 key:soon:00',
    `HMAC-SHA256 key:1:${'0'.repeat(63)}`,
    `HMAC-SHA256 key:1:${'g'.repeat(64)}`,
    `hmac-sha256 key:1:${'0'.repeat(64)}`,
    `HMAC-SHA256 k'--:1:${'0'.repeat(64)}`,
    `HMAC-SHA256 ${'k'.repeat(5_000)}:1:${'0'.repeat(64)}`,
  ])('calls %s malformed', async (authorization) => {
    expect(await reasonOf(authorization)).toBe('malformed_authorization');
  });

  it('is over the raw bytes of the body', async () => {
    const body =
      '{ "amount":1000,"currency":"JPY", "payment_method_types":["cash"],"merchant_ref_id":"\\u6ce8" }';
    const authorization = header({ method: 'POST', body });
    const sent = (bytes: string) =>
      gateway.request('POST', PATH, { body: bytes, headers: { Authorization: authorization } });
    expect((await sent(body)).status).toBe(201);
    expect((await sent(JSON.stringify(JSON.parse(body)))).status).toBe(401);
  });

  it('a revoked key ends at once; a rotated one works for another 24 hours beside the new one', async () => {
    const [revoked, rotated] = [await gateway.newMerchant(), await gateway.newMerchant()];
    const list = (as: { apiKey: string; secretKey: string }) => gateway.request('GET', PATH, { as });
    await revokeApiKey(gateway.deps, BY_TEST, revoked.apiKey);
    expect((await list(revoked)).body.details.reason).toBe('unknown_key');

    const next = await rotateApiKey(gateway.deps, BY_TEST, rotated.apiKey);
    const created = { apiKey: next.key.apiKey, secretKey: next.secretKey };
    expect([(await list(rotated)).status, (await list(created)).status]).toEqual([200, 200]);
    await clock.advance(24 * 3_600_000);
    expect([(await list(rotated)).status, (await list(created)).status]).toEqual([401, 200]);
  });

  it('the keys in the documentation work in a sandbox, and nowhere else', async () => {
    const known = { apiKey: 'ak_sandbox_merchant_001', secretKey: 'sk_sandbox_merchant_001_not_a_secret' };
    await ensureApiKey(gateway.deps, merchant.merchantId, known);
    expect((await gateway.request('GET', PATH, { as: known })).status).toBe(200);
    const real = await startTestGateway({ clock, database: gateway.database, isSandbox: false });
    const { status, body } = await real.request('GET', PATH, { as: known });
    await real.close();
    expect([status, body.details.reason]).toEqual([401, 'unknown_key']);
  });

  it.each([
    ['two schemes together', { hmac: [], paymentToken: [] }],
    ['an unknown scheme', { password: [] }],
  ])('a contract that asks for %s does not start', async (_, requirement) => {
    const changed = structuredClone(contract) as unknown as {
      paths: Record<string, { get: { security: unknown } }>;
    };
    const list = changed.paths[PATH];
    if (list) {
      list.get.security = [requirement];
    }
    const options = { contractText, publicUrl: gateway.url, limits: { global: 0, merchant: 0 } };
    const starting = createApp(gateway.deps, { ...options, contract: changed as unknown as Document });
    await expect(starting).rejects.toThrow('listPaymentIntents: security must name one known scheme');
  });

  it('an unavailable database is a server error, not a wrong credential', async () => {
    const broken = await startTestGateway();
    const keys = await broken.newMerchant();
    await broken.database.db.destroy();
    const response = await fetch(`${broken.url}${PATH}`, {
      headers: {
        Authorization: authorizationHeader(keys, { method: 'GET', path: PATH, body: '' }, new Date()),
      },
    });
    expect(response.status).toBeGreaterThanOrEqual(500);
    await broken.close().catch(() => undefined);
  });
});
