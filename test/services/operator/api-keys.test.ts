/**
 * Rotation and revocation of API keys by the operator.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeApiKey, rotateApiKey } from '../../../src/services/operator/api-keys.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const HOUR_MS = 3_600_000;

let clock: TestClock;
let gateway: TestGateway;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
});
afterAll(() => gateway.close());

const keysOf = (merchantId: string) => gateway.database.db('api_keys').where({ merchant_id: merchantId });

describe('rotating a key', () => {
  it('makes a new key; the old one works for another 24 hours, however often it is rotated', async () => {
    const { apiKey, merchantId } = await gateway.newMerchant();
    const { oldExpiresAt, key } = await rotateApiKey(gateway.deps, apiKey);
    expect(oldExpiresAt.getTime() - clock.now().getTime()).toBe(24 * HOUR_MS);
    expect(key.merchantId).toBe(merchantId);
    await clock.advance(HOUR_MS);
    await rotateApiKey(gateway.deps, apiKey);
    const [row] = await keysOf(merchantId).where({ api_key: apiKey });
    expect(row.expires_at).toEqual(oldExpiresAt);
  });

  it('is refused for a key that has expired, was revoked or does not exist, and makes none', async () => {
    const expired = await gateway.newMerchant();
    await rotateApiKey(gateway.deps, expired.apiKey);
    await clock.advance(24 * HOUR_MS);
    const revoked = await gateway.newMerchant();
    await revokeApiKey(gateway.deps, revoked.apiKey);
    for (const apiKey of [expired.apiKey, revoked.apiKey, 'ak_unknown']) {
      await expect(rotateApiKey(gateway.deps, apiKey)).rejects.toThrow(
        `There is no working API key ${apiKey}`,
      );
    }
    expect(await keysOf(expired.merchantId)).toHaveLength(2);
    expect(await keysOf(revoked.merchantId)).toHaveLength(1);
  });

  it('makes no working key of one that is revoked at the same moment', async () => {
    const { apiKey, merchantId } = await gateway.newMerchant();
    const revoking = await gateway.database.db.transaction();
    await revoking('api_keys').where({ api_key: apiKey }).update({ revoked_at: clock.now() });
    const rotation = rotateApiKey(gateway.deps, apiKey);
    await revoking.commit();
    await expect(rotation).rejects.toThrow('There is no working API key');
    expect(await keysOf(merchantId)).toHaveLength(1);
  });
});
