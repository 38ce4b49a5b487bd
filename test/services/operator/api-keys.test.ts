/**
 * Limits, rotation and revocation of API keys by the operator.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createApiKey,
  revokeApiKey,
  rotateApiKey,
  updateApiKey,
} from '../../../src/services/operator/api-keys.ts';
import { findApiKey } from '../../../src/store/api-keys.ts';
import { BY_TEST } from '../../support/acts.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { addStores } from '../../support/keys.ts';

const HOUR_MS = 3_600_000;

let clock: TestClock;
let gateway: TestGateway;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
});
afterAll(() => gateway.close());

const keysOf = (merchantId: string) => gateway.database.db('api_keys').where({ merchant_id: merchantId });

describe('the limits of a key', () => {
  it('are changed one by one, and removed where they are said to be undefined', async () => {
    const { merchantId } = await gateway.newMerchant();
    const end = new Date(clock.now().getTime() + 90 * 24 * HOUR_MS);
    const { key } = await createApiKey(gateway.deps, BY_TEST, merchantId, {
      label: 'Tills',
      storeIds: ['store_001', 'store_001'],
      allowedIps: ['203.0.113.7/24'],
      maxRefundAmount: 5_000,
      plannedExpiresAt: end,
    });
    const limits = { storeIds: ['store_001'], allowedIps: ['203.0.113.0/24'], maxRefundAmount: 5_000 };
    expect(key).toMatchObject({ label: 'Tills', ...limits, expiresAt: end });
    const changed = await updateApiKey(gateway.deps, BY_TEST, key.apiKey, {
      maxRefundAmount: 100,
      allowedIps: undefined,
      scopes: ['refunds'],
    });
    const expected = { ...key, maxRefundAmount: 100, allowedIps: undefined, scopes: ['refunds'] };
    expect(changed).toEqual(expected);
    expect(await findApiKey(gateway.deps.db, key.apiKey)).toEqual(expected);
    const endless = await updateApiKey(gateway.deps, BY_TEST, key.apiKey, { plannedExpiresAt: undefined });
    expect(endless.expiresAt).toBeUndefined();
  });

  it.each([
    [
      'a store that the merchant does not have',
      { storeIds: ['store_001', 'nowhere'] },
      'has no store nowhere',
    ],
    ['no store at all', { storeIds: [] }, '1 to 100 stores'],
    ['a name for an address', { allowedIps: ['localhost'] }, 'localhost is neither'],
    ['all addresses', { allowedIps: ['0.0.0.0/0'] }, 'covers every address'],
    [
      'more than 50 ranges',
      { allowedIps: Array.from({ length: 51 }, (_, n) => `203.0.113.${n}`) },
      '1 to 50',
    ],
    ['an end that has passed', { plannedExpiresAt: new Date(0) }, 'choose a time to come'],
    ['a maximum of nothing', { maxRefundAmount: 0 }, 'must be 1 to'],
    ['an empty label', { label: '' }, '1 to 100 characters'],
    ['a label that a terminal would obey', { label: 'Till\u001b[2J' }, 'none of them a control character'],
  ])('are refused with %s, for a new key and for an old one', async (_, settings, message) => {
    const { apiKey, merchantId } = await gateway.newMerchant();
    await expect(createApiKey(gateway.deps, BY_TEST, merchantId, settings)).rejects.toThrow(message);
    await expect(updateApiKey(gateway.deps, BY_TEST, apiKey, settings)).rejects.toThrow(message);
    expect(await keysOf(merchantId)).toHaveLength(1);
  });

  it('of a sync key are its addresses and its end, and not stores, refunds or scopes', async () => {
    const limits = {
      allowedIps: ['203.0.113.7'],
      plannedExpiresAt: new Date(clock.now().getTime() + HOUR_MS),
    };
    const { key } = await createApiKey(gateway.deps, BY_TEST, undefined, limits);
    expect(key.allowedIps).toEqual(['203.0.113.7/32']);
    for (const settings of [{ storeIds: ['s'] }, { maxRefundAmount: 1 }, { scopes: ['payments'] } as const]) {
      await expect(updateApiKey(gateway.deps, BY_TEST, key.apiKey, settings)).rejects.toThrow(
        'A sync key has no',
      );
    }
  });

  it('of a key that was revoked are not changed', async () => {
    const { apiKey } = await gateway.newMerchant();
    await revokeApiKey(gateway.deps, BY_TEST, apiKey);
    await expect(updateApiKey(gateway.deps, BY_TEST, apiKey, { label: 'x' })).rejects.toThrow(
      'There is no working API key',
    );
  });
});

describe('rotating a key', () => {
  it('keeps its limits and its end, however often it is rotated', async () => {
    const merchant = await gateway.newMerchant();
    await addStores(gateway, merchant, ['a']);
    const limits = { label: 'l', storeIds: ['a'], allowedIps: ['203.0.113.7/32'], maxRefundAmount: 7 };
    const end = new Date(clock.now().getTime() + 90 * 24 * HOUR_MS);
    const old = await createApiKey(gateway.deps, BY_TEST, merchant.merchantId, {
      ...limits,
      plannedExpiresAt: end,
    });
    for (const { key } of [
      await rotateApiKey(gateway.deps, BY_TEST, old.key.apiKey),
      await rotateApiKey(gateway.deps, BY_TEST, old.key.apiKey),
    ]) {
      expect(key).toMatchObject({ ...limits, expiresAt: end, plannedExpiresAt: end });
    }
  });

  it('lets the old one end with the overlap, even if its end is put off', async () => {
    const { apiKey } = await gateway.newMerchant();
    const { oldExpiresAt } = await rotateApiKey(gateway.deps, BY_TEST, apiKey);
    const later = { plannedExpiresAt: new Date(clock.now().getTime() + 90 * 24 * HOUR_MS) };
    expect((await updateApiKey(gateway.deps, BY_TEST, apiKey, later)).expiresAt).toEqual(oldExpiresAt);
    const sooner = { plannedExpiresAt: new Date(clock.now().getTime() + HOUR_MS) };
    expect((await updateApiKey(gateway.deps, BY_TEST, apiKey, sooner)).expiresAt).toEqual(
      sooner.plannedExpiresAt,
    );
  });

  it('makes a new key; the old one works for another 24 hours, however often it is rotated', async () => {
    const { apiKey, merchantId } = await gateway.newMerchant();
    const { oldExpiresAt, key } = await rotateApiKey(gateway.deps, BY_TEST, apiKey);
    expect(oldExpiresAt.getTime() - clock.now().getTime()).toBe(24 * HOUR_MS);
    expect(key.merchantId).toBe(merchantId);
    await clock.advance(HOUR_MS);
    await rotateApiKey(gateway.deps, BY_TEST, apiKey);
    const [row] = await keysOf(merchantId).where({ api_key: apiKey });
    expect(row.expires_at).toEqual(oldExpiresAt);
  });

  it('is refused for a key that has expired, was revoked or does not exist, and makes none', async () => {
    const expired = await gateway.newMerchant();
    await rotateApiKey(gateway.deps, BY_TEST, expired.apiKey);
    await clock.advance(24 * HOUR_MS);
    const revoked = await gateway.newMerchant();
    await revokeApiKey(gateway.deps, BY_TEST, revoked.apiKey);
    for (const apiKey of [expired.apiKey, revoked.apiKey, 'ak_unknown']) {
      await expect(rotateApiKey(gateway.deps, BY_TEST, apiKey)).rejects.toThrow(
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
    const rotation = rotateApiKey(gateway.deps, BY_TEST, apiKey);
    await revoking.commit();
    await expect(rotation).rejects.toThrow('There is no working API key');
    expect(await keysOf(merchantId)).toHaveLength(1);
  });
});
