/**
 * The record of calls to PayPay.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/lib/log.ts';
import type { ProviderCall } from '../../../src/providers/provider.ts';
import { removeOldProviderCalls } from '../../../src/services/jobs/remove-provider-calls.ts';
import { createProviderCalls } from '../../../src/services/provider-calls/provider-calls.ts';
import { connect } from '../../../src/store/db/knex.ts';
import { listProviderCalls } from '../../../src/store/provider-calls/provider-calls.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { silentLog } from '../../support/silent-log.ts';

const DAY_MS = 24 * 3_600_000;

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());
afterEach(() => gateway.database.db.raw('truncate provider_calls, provider_minutes'));

const call = (more: Partial<ProviderCall> = {}): ProviderCall => ({
  operation: 'paymentDetails',
  objectId: 'pa_1',
  outcome: 'http_2xx',
  code: 'SUCCESS',
  requestId: 'request_1',
  hasFailed: false,
  durationMs: 100,
  ...more,
});

const listed = async (...ids: string[]) =>
  (await listProviderCalls(gateway.deps.db, ids, 100)).sort((a, b) => (a.operation < b.operation ? -1 : 1));

const minutes = () => gateway.database.db('provider_minutes').orderBy(['minute', 'operation']);

describe('the record of calls to PayPay', () => {
  it('has the calls about an attempt, with what PayPay responded', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    await gateway.deps.providerCalls.flush();
    const [row] = await listed(await attemptOf(intent.id));
    expect(row).toMatchObject({
      provider: 'PAYPAY',
      operation: 'createCode',
      outcome: 'http_2xx',
      code: 'SUCCESS',
      calls: 1,
      firstAt: clock.now(),
    });
    expect(row?.lastRequestId).toEqual(expect.any(String));
  });

  it('loses no calls beside one with a code that no database stores', async () => {
    const node = createProviderCalls({ db: gateway.deps.db, clock, log: silentLog });
    node.ended('PAYPAY', call({ code: 'ODD\0' }));
    node.ended('PAYPAY', call({ objectId: 'pa_2' }));
    await node.flush();
    expect((await listed('pa_1', 'pa_2')).map(({ code }) => code).sort()).toEqual(['ODD\ufffd', 'SUCCESS']);
  });

  it('adds equal calls up, in whichever process they were made, and keeps the latest', async () => {
    const { db } = gateway.deps;
    const nodes = [1, 2].map(() => createProviderCalls({ db, clock, log: silentLog }));
    const firstAt = clock.now();
    for (const node of nodes) {
      node.ended('PAYPAY', call());
      node.ended('PAYPAY', call({ durationMs: 200, requestId: undefined }));
      await node.flush();
      await clock.advance(1_000);
    }
    nodes[0]?.ended('PAYPAY', call({ outcome: 'no_answer', code: undefined, requestId: undefined }));
    await nodes[0]?.flush();
    const rows = await listed('pa_1');
    expect(rows.find(({ outcome }) => outcome === 'http_2xx')).toMatchObject({
      calls: 4,
      firstAt,
      lastAt: new Date(firstAt.getTime() + 1_000),
      lastMs: 200,
      lastRequestId: 'request_1',
    });
    expect(rows.find(({ outcome }) => outcome === 'no_answer')).toMatchObject({ calls: 1, code: '' });
  });

  it('counts the calls of each minute by their duration, and those in which PayPay was at fault', async () => {
    const { providerCalls } = gateway.deps;
    for (const durationMs of [100, 300, 301, 1_000, 3_000, 9_000]) {
      providerCalls.ended('PAYPAY', call({ durationMs, hasFailed: durationMs === 9_000 }));
    }
    await providerCalls.flush();
    expect(await minutes()).toMatchObject([
      {
        operation: 'paymentDetails',
        calls: 6,
        failed: 1,
        max_ms: 9_000,
        le_100: 1,
        le_300: 2,
        le_1000: 4,
        le_3000: 5,
      },
    ]);
  });

  it('is kept for 90 days, and by the minute for 8 days', async () => {
    const { providerCalls } = gateway.deps;
    providerCalls.ended('PAYPAY', call());
    providerCalls.ended('PAYPAY', call({ objectId: 'pa_2' }));
    await providerCalls.flush();
    const start = clock.now().getTime();
    const runAfter = (days: number) => {
      const now = () => new Date(start + days * DAY_MS);
      return removeOldProviderCalls(
        { ...gateway.deps, clock: { ...clock, now } },
        { limit: 1, concurrency: 1 },
      );
    };
    expect(await runAfter(7)).toMatchObject({ done: 0 });
    expect(await runAfter(9)).toMatchObject({ done: 1 });
    expect(await minutes()).toEqual([]);
    expect(await runAfter(89)).toMatchObject({ done: 0 });
    expect(await runAfter(91)).toMatchObject({ taken: 1, done: 1 });
    expect(await runAfter(91)).toMatchObject({ done: 1 });
    expect(await listed('pa_1', 'pa_2')).toEqual([]);
  });

  it('leaves calls out, and says so, when there are too many different ones or the database is away', async () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const full = createProviderCalls({ db: gateway.deps.db, clock, log });
    for (let index = 0; index < 5_002; index += 1) {
      full.ended('PAYPAY', call({ objectId: `pa_${index}` }));
    }
    await full.flush();
    expect(lines.join()).toContain('"calls":2');
    expect(await minutes()).toMatchObject([{ calls: 5_002 }]);

    const away = connect('postgresql://nobody@127.0.0.1:1/none', { poolMax: 1 });
    const calls = createProviderCalls({ db: away, clock, log });
    calls.ended('PAYPAY', call());
    await calls.flush();
    await away.destroy();
    expect(lines.at(-1)).toContain('calls to the provider were not recorded');
  });
});

async function attemptOf(intentId: string): Promise<string> {
  return (await gateway.database.db('payment_attempts').where({ intent_id: intentId }).first('id')).id;
}
