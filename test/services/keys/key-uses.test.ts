/**
 * The last use of API keys, which no request waits for.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/lib/log.ts';
import { createKeyUses } from '../../../src/services/keys/key-uses.ts';
import { connect } from '../../../src/store/db/knex.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const list = async (as = merchant) => (await gateway.request('GET', '/v1/payment_intents', { as })).status;

async function lastUse(apiKey = merchant.apiKey): Promise<number | undefined> {
  await gateway.deps.keyUses.flush();
  const row = await gateway.database.db('api_keys').where({ api_key: apiKey }).first('last_used_at');
  return row.last_used_at?.getTime();
}

describe('the last use of a key', () => {
  it('is recorded by its first request, and then once a minute', async () => {
    expect(await lastUse()).toBeUndefined();
    const first = clock.now().getTime();
    expect(await list()).toBe(200);
    expect(await lastUse()).toBe(first);
    await clock.advance(59_000);
    await list();
    expect(await lastUse()).toBe(first);
    await clock.advance(1_000);
    await list();
    expect(await lastUse()).toBe(first + 60_000);
  });

  it('is not recorded by a request with a wrong signature', async () => {
    const other = await gateway.newMerchant();
    expect(await list({ ...other, secretKey: 'sk_wrong' })).toBe(401);
    expect(await lastUse(other.apiKey)).toBeUndefined();
  });

  it('is written once a minute too when several nodes see the key', async () => {
    const { db } = gateway.database;
    const other = await gateway.newMerchant();
    const first = clock.now().getTime();
    await list(other);
    expect(await lastUse(other.apiKey)).toBe(first);
    await clock.advance(30_000);
    const node = createKeyUses({ db, clock, log: gateway.deps.log });
    node.used({ apiKey: other.apiKey, lastUsedAt: undefined });
    await node.flush();
    expect(await lastUse(other.apiKey)).toBe(first);
  });

  it('does not wait for a row that somebody is changing', async () => {
    const other = await gateway.newMerchant();
    const changing = await gateway.database.db.transaction();
    await changing('api_keys').where({ api_key: other.apiKey }).update({ label: 'busy' });
    expect(await list(other)).toBe(200);
    expect(await lastUse(other.apiKey)).toBeUndefined();
    await changing.commit();
  });

  it('is left out when the database does not take it, which is logged and fails nobody', async () => {
    const lines: string[] = [];
    const db = connect(gateway.database.url, { poolMax: 1 });
    await db.destroy();
    const log = createLog('warn', { write: (line) => void lines.push(line) });
    const uses = createKeyUses({ db, clock, log });
    uses.used({ apiKey: 'ak_1', lastUsedAt: undefined });
    uses.used({ apiKey: 'ak_2', lastUsedAt: undefined });
    await uses.flush();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('the last use of API keys was not recorded');
  });
});
