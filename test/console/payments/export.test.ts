/**
 * The CSV of the list of payments.
 */
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamCsv } from '../../../src/console/payments/csv-stream.ts';
import { EVERYTHING } from '../../../src/domain/operators/scope.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newSale, newShops, type TwoShops } from './shops.ts';

let gateway: TestGateway;
let console: TestConsole;
let shops: TwoShops;
let finance: ConsoleClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  shops = await newShops(gateway);
  finance = await console.signIn('finance');
  await newSale(gateway, shops.own, 'own_1', { description: '=1+1' });
  await newSale(gateway, shops.own, '注文〜髙橋😀', { merchant_store_id: 'store_002' });
  await newSale(gateway, shops.other, '=cmd()', {});
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

async function download(client: ConsoleClient, query: string) {
  const response = await fetch(`${console.url}/payments/export?${query}`, {
    headers: { Cookie: client.cookie },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

describe('the export of payments', () => {
  it('writes the list as UTF-8 with a byte order mark, oldest first, with formulas made harmless', async () => {
    const { status, headers, bytes } = await download(finance, 'status=succeeded');
    expect([status, headers.get('Content-Type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(headers.get('Content-Disposition')).toBe('attachment; filename="payments_succeeded.csv"');
    const text = bytes.toString();
    expect(text.startsWith('\ufeffid,status,currency,')).toBe(true);
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain(",own_1,'=1+1,");
    expect(lines[2]).toContain(',注文〜髙橋😀,');
    expect(lines[3]).toContain(",'=cmd(),");
  });

  it('writes Shift_JIS as Windows reads it, and keeps the row of a character that it lacks', async () => {
    const { bytes, headers } = await download(finance, 'charset=shift_jis');
    expect(headers.get('Content-Type')).toBe('text/csv; charset=shift_jis');
    const lines = iconv.decode(bytes, 'cp932').trimEnd().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]?.startsWith('id,status')).toBe(true);
    expect(lines[2]).toMatch(/,注文～髙橋\?+,/);
  });

  it('writes only what is in the filter and in the scope of the operator', async () => {
    const ofStore = await console.signIn({
      role: 'finance',
      merchantId: shops.own.merchantId,
      storeId: 'store_002',
    });
    const { bytes } = await download(ofStore, '');
    expect(bytes.toString().trimEnd().split('\r\n')).toHaveLength(2);
    const outside = await download(ofStore, `shop=${shops.other.merchantId}`);
    expect([outside.status, outside.headers.get('Content-Disposition')]).toEqual([400, null]);
    expect((await download(finance, 'from=2026-02-30')).status).toBe(400);
    const support = await console.signIn('support');
    expect((await download(support, '')).status).toBe(403);
    expect((await support.get('/payments')).text).not.toContain('/payments/export');
    const mixed = await console.signIn('viewer', { role: 'finance', merchantId: shops.other.merchantId });
    const formOf = async (query: string) =>
      (await mixed.get(`/payments?${query}`)).text.includes('/payments/export');
    expect(await formOf(`shop=${shops.own.merchantId}`)).toBe(false);
    expect(await formOf(`shop=${shops.other.merchantId}`)).toBe(true);
  });

  it('leaves a row with its filter in the audit log', async () => {
    await download(finance, `shop=${shops.own.merchantId}&status=succeeded&export=abcdefgh12345678`);
    const row = await gateway.database.db('audit_log').where({ object_id: 'abcdefgh12345678' }).first();
    expect(row).toMatchObject({
      type: 'payments.exported',
      actor_id: finance.operator?.id,
      merchant_id: shops.own.merchantId,
    });
    expect(JSON.parse(row.after)).toEqual({
      by: 'created',
      charset: 'utf-8',
      shop: shops.own.merchantId,
      status: 'succeeded',
    });
  });

  it('says how many rows it has written, to the operator whose export it is', async () => {
    await download(finance, 'export=progress12345678');
    const { status, text } = await finance.get('/payments/export/progress?export=progress12345678');
    expect([status, JSON.parse(text)]).toEqual([200, { rows: 3, state: 'done' }]);
    const other = await console.signIn('finance');
    expect((await other.get('/payments/export/progress?export=progress12345678')).status).toBe(404);
    expect((await finance.get('/payments/export/progress?export=..')).status).toBe(404);
  });

  it('stops reading when the client goes away', async () => {
    const progress = { rows: 0, state: 'running' as const };
    const filter = { scope: EVERYTHING, status: undefined, method: undefined, period: undefined };
    const stream = streamCsv(gateway.deps, filter, 'utf-8', progress);
    stream.once('data', () => stream.destroy());
    await eventually(async () => expect(progress.state).toBe('failed'));
    expect(progress.rows).toBe(0);
  });

  it('ends an export that a slow client has not taken within an hour', async () => {
    const waits: number[] = [];
    const wallClock: Clock = {
      now: () => new Date(),
      sleep: async (durationMs) => {
        waits.push(durationMs);
      },
    };
    const progress = { rows: 0, state: 'running' as const };
    const filter = { scope: EVERYTHING, status: undefined, method: undefined, period: undefined };
    const stream = streamCsv({ db: gateway.deps.db, wallClock }, filter, 'utf-8', progress);
    await eventually(async () => expect([stream.destroyed, progress.state]).toEqual([true, 'failed']));
    expect(waits).toEqual([3_600_000]);
  });

  it('runs at most two exports of an operator at once', async () => {
    const operator = await console.signIn('finance');
    const { db } = gateway.database;
    // The audit log's lock keeps the exports from beginning to read.
    const lock = await db.transaction();
    await lock.raw('select from audit_head for update');
    const first = download(operator, 'export=first12345678');
    const second = download(operator, 'export=second12345678');
    const isRunning = async (name: string) =>
      expect((await operator.get(`/payments/export/progress?export=${name}`)).status).toBe(200);
    await eventually(() => isRunning('first12345678'));
    await eventually(() => isRunning('second12345678'));
    expect((await download(operator, 'export=third12345678')).status).toBe(429);
    await lock.rollback();
    expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
    expect((await download(operator, 'export=third12345678')).status).toBe(200);
  });
});
