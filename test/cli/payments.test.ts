/**
 * `pgw payments`: finding a payment by what somebody reads out, lists by the shop's day, and exports.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAnyPayment } from '../../src/store/payments.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';
import { newCashIntent, newPaidIntent, requestRefund } from '../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
let folder: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  folder = await mkdtemp(join(tmpdir(), 'mpac-pgw-payments-'));
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

async function pgw(...args: string[]): Promise<{ code: number | string; output: string }> {
  const program = startProgram(['payments', ...args], { DATABASE_URL: gateway.database.url });
  const code = await program.ended;
  return { code, output: program.output().trimEnd() };
}

async function list(...args: string[]) {
  const { output } = await pgw('list', ...args, '--json');
  const [json = '', more] = output.split('\n');
  return { payments: JSON.parse(json) as Record<string, unknown>[], more };
}

const idsOf = (payments: readonly Record<string, unknown>[]) => payments.map(({ id }) => id);

/** A payment in cash that was paid at this time. */
async function paidAt(time: string, shop: TestMerchant, reference = 'order'): Promise<string> {
  const { id } = await gateway.newIntent(shop, {
    payment_method_types: ['cash'],
    merchant_store_id: shop.storeId,
  });
  await gateway.request('POST', `/v1/payment_intents/${id}/capture`, { as: shop });
  await gateway.database
    .db('payment_intents')
    .where({ id })
    .update({ succeeded_at: time, merchant_ref_id: reference });
  return id;
}

describe('pgw payments show', () => {
  it("finds a payment by its intent, attempt and refund, by PayPay's number and by the order reference", async () => {
    const reference = 'order_shown';
    const { id } = await newPaidIntent(gateway, merchant, { merchant_ref_id: reference });
    const payment = await findAnyPayment(gateway.deps.db, id);
    const attempt = payment?.attempts[0];
    const refund = await requestRefund(gateway, merchant, { id }, { amount: 1 });
    const names = [id, attempt?.id, attempt?.providerPaymentId, refund.body.id, reference];
    for (const name of names) {
      const { code, output } = await pgw('show', String(name));
      expect([name, code]).toEqual([name, 0]);
      expect(output).toContain(`${id}  succeeded  1000 JPY`);
    }
    const program = startProgram(['intents', 'show', id, '--json'], { DATABASE_URL: gateway.database.url });
    await program.ended;
    expect(program.output().trimEnd()).toBe((await pgw('show', id, '--json')).output);
  });

  it('names the payments when several match, and finds one of them by its merchant', async () => {
    const other = await gateway.newMerchant();
    const [first, second] = [
      await paidAt('2026-01-15T01:00:00Z', merchant, 'order_twice'),
      await paidAt('2026-01-15T01:00:00Z', other, 'order_twice'),
    ];
    const several = await pgw('show', 'order_twice');
    expect(several.code).toBe(1);
    expect(several.output).toMatch(/^pgw: Several payments match order_twice; give the id of one: [^\n]*$/);
    expect(several.output).toContain(`${first} (${merchant.merchantId})`);
    expect(several.output).toContain(second);
    expect((await pgw('show', 'order_twice', '--merchant', other.merchantId)).output).toContain(second);
    expect((await pgw('show', first, '--merchant', other.merchantId)).output).toMatch(/^pgw: There is no /);
  });
});

describe('pgw payments list', () => {
  it("takes a day as the shop's: in Japan it begins at 15:00 UTC, in New York at 05:00 or 04:00", async () => {
    const tokyo = await gateway.newMerchant();
    const times = ['14T14:59:59', '14T15:00:00', '15T14:59:59', '15T15:00:00'];
    const paid: string[] = [];
    for (const time of times) {
      paid.push(await paidAt(`2026-01-${time}Z`, tokyo));
    }
    const ofDay = ['--day', '2026-01-15', '--merchant', tokyo.merchantId];
    expect(idsOf((await list(...ofDay)).payments)).toEqual([paid[2], paid[1]]);
    const all = await list('--day', '2026-01-15');
    expect(idsOf(all.payments)).toEqual(expect.arrayContaining([paid[1], paid[2]]));
    expect(idsOf(all.payments)).not.toContain(paid[0]);
    const { db } = gateway.database;
    await db('stores').where({ merchant_id: tokyo.merchantId }).update({ time_zone: 'America/New_York' });
    expect(idsOf((await list(...ofDay)).payments)).toEqual([paid[3], paid[2]]);
    const summer = await paidAt('2026-07-15T04:00:00Z', tokyo);
    const night = ['--day', '2026-07-15', '--store', tokyo.storeId, '--merchant', tokyo.merchantId];
    expect((await list(...night)).payments).toMatchObject([
      { id: summer, paid_on: '2026-07-15', time_zone: 'America/New_York' },
    ]);
    expect((await pgw('list', ...night)).output).toContain('2026-07-15 00:00:00');
  });

  it('goes on after a payment, newest first, and by day too, without losing or repeating one', async () => {
    const shop = await gateway.newMerchant();
    const paid: string[] = [];
    for (let minute = 10; minute < 15; minute += 1) {
      paid.push(await paidAt(`2026-02-03T03:${minute}:00Z`, shop));
    }
    const newestFirst = paid.toReversed();
    for (const filter of [
      ['--store', shop.storeId],
      ['--day', '2026-02-03'],
    ]) {
      const args = ['--merchant', shop.merchantId, ...filter, '--limit', '2'];
      const first = await list(...args);
      expect(idsOf(first.payments)).toEqual(newestFirst.slice(0, 2));
      expect(first.more).toBe(`More payments follow: add --after ${newestFirst[1]}`);
      const second = await list(...args, '--after', newestFirst[1] ?? '');
      expect(idsOf(second.payments)).toEqual(newestFirst.slice(2, 4));
      const last = await list(...args, '--after', newestFirst[3] ?? '');
      expect(last).toEqual({ payments: [expect.objectContaining({ id: paid[0] })], more: undefined });
    }
  });

  it('finds a reference and a status over all merchants', async () => {
    const others = [await gateway.newMerchant(), await gateway.newMerchant()];
    const ids: string[] = [];
    for (const other of others) {
      const intent = { merchant_ref_id: 'order_everywhere', merchant_store_id: other.storeId };
      ids.unshift((await gateway.newIntent(other, intent)).id);
    }
    expect(idsOf((await list('--ref', 'order_everywhere')).payments)).toEqual(ids);
    expect(idsOf((await list('--status', 'requires_payment_method', '--limit', '2')).payments)).toEqual(ids);
    expect((await list('--ref', 'order_everywhere', '--status', 'expired')).payments).toEqual([]);
    expect((await pgw('list', '--ref', 'order_nowhere')).output).toBe('No payments match.');
  });

  it("shows PayPay's number of what was paid with PayPay, and no control characters of an order reference", async () => {
    const reference = 'order\u001b[31m';
    const { id } = await newPaidIntent(gateway, merchant);
    await gateway.database.db('payment_intents').where({ id }).update({ merchant_ref_id: reference });
    const number = (await findAnyPayment(gateway.deps.db, id))?.attempts[0]?.providerPaymentId;
    const { output } = await pgw('list', '--limit', '1');
    expect(output).toMatch(/^PAYMENT +STATUS +AMOUNT .*\n.*\n\n1 payment\n/);
    expect(output).toContain(`${number}  order\ufffd[31m`);
    await newCashIntent(gateway, merchant);
    expect((await list('--limit', '1')).payments[0]).toMatchObject({
      provider_payment_id: null,
      payment_method_type: 'cash',
    });
  });

  it.each([
    ['--day 2026-02-30', '--day takes a day such as 2026-01-15'],
    ['--day 2026-02-03 --status expired', '--day is about paid payments, whose status is succeeded'],
    ['--status paid', '--status takes one of requires_payment_method, '],
    ['--limit 1001', '--limit takes a number from 1 to 1000'],
    ['--after order_1', '--after takes the id of a payment intent, pi_…'],
    ['--merchant nobody', 'There is no merchant nobody'],
    ['--day 2026-02-03 --after pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'There is no paid payment pi_01JHMB5V'],
  ])('refuses %s in one line', async (options, message) => {
    const { code, output } = await pgw('list', ...options.split(' '));
    expect(code).toBe(1);
    expect(output.split('\n')).toHaveLength(1);
    expect(output).toContain(`pgw: ${message}`);
  });
});

describe('pgw payments export', () => {
  it('writes CSV that spreadsheets read, oldest first, with formulas of merchants made harmless', async () => {
    const shop = await gateway.newMerchant();
    const ids = [
      await paidAt('2026-03-01T01:00:00Z', shop, '=HYPERLINK("https://evil.example.com")'),
      await paidAt('2026-03-01T02:00:00Z', shop, 'order "1", 大盛り\nand more'),
      await paidAt('2026-03-01T03:00:00Z', shop, '＝1+1'),
      await paidAt('2026-03-01T04:00:00Z', shop, 'a\r=1+1'),
    ];
    const file = join(folder, 'payments.csv');
    const args = ['export', '--merchant', shop.merchantId, '--day', '2026-03-01', '--output', file];
    expect(await pgw(...args, '--bom')).toEqual({ code: 0, output: `Exported 4 payments to ${file}.` });
    const text = await readFile(file, 'utf8');
    expect(text.startsWith('\ufeffid,status,currency,amount,amount_captured,')).toBe(true);
    expect(text.endsWith('2026-03-01,Asia/Tokyo\r\n')).toBe(true);
    expect(text).toContain(`,"'=HYPERLINK(""https://evil.example.com"")",`);
    expect(text).toContain(',"order ""1"", 大盛り\nand more",');
    expect(text).toContain(",'＝1+1,");
    expect(text).toContain(',"a\r=1+1",');
    expect([...text.matchAll(/^pi_\w+/gm)].map(([id]) => id)).toEqual(ids);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = await pgw(...args);
    expect(again).toEqual({
      code: 1,
      output: `pgw: --output ${file} exists already: remove it, or choose another name`,
    });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('writes JSON lines with the fields unchanged, and says on standard error how many', async () => {
    const shop = await gateway.newMerchant();
    const id = await paidAt('2026-03-01T01:00:00Z', shop, '=1');
    const program = startProgram(['payments', 'export', '--merchant', shop.merchantId, '--format', 'jsonl'], {
      DATABASE_URL: gateway.database.url,
    });
    let written = '';
    program.child.stdout?.on('data', (chunk) => {
      written += chunk;
    });
    expect(await program.ended).toBe(0);
    expect(written.split('\n').map((line) => line && JSON.parse(line))).toEqual([
      expect.objectContaining({
        id,
        merchant_ref_id: '=1',
        amount: 1000,
        provider: null,
        paid_on: '2026-03-01',
      }),
      '',
    ]);
    expect(program.output()).toContain('Exported 1 payment.\n');
  });

  it('reads pages to the end, in the order of creation and in that of payment', async () => {
    const shop = await gateway.newMerchant();
    const { db } = gateway.database;
    const template = await paidAt('2026-04-01T00:00:00Z', shop);
    await db.raw(
      `insert into payment_intents
       select (jsonb_populate_record(i, jsonb_build_object(
         'id', left(id, 13) || lpad(n::text, 16, '0'), 'succeeded_at', succeeded_at + n % 7 * interval '1 hour'))).*
       from payment_intents i, generate_series(1, 1200) n where id = ?`,
      [template],
    );
    const { rows } = await db.raw(
      'select id from payment_intents where merchant_id = ? order by id collate "C"',
      [shop.merchantId],
    );
    for (const filter of [[], ['--day', '2026-04-01']]) {
      const { output } = await pgw('export', '--merchant', shop.merchantId, '--format', 'jsonl', ...filter);
      const lines = output.split('\n').filter((line) => line.startsWith('{'));
      const exported = lines.map((line) => JSON.parse(line));
      expect(exported).toHaveLength(1201);
      const inOrder =
        filter.length === 0 ? exported.map(({ id }) => id) : exported.map(({ id }) => id).sort();
      expect(inOrder).toEqual(rows.map(({ id }: { id: string }) => id));
      const times = exported.map(({ paid_at: time }) => time);
      expect(filter.length === 0 || times.every((time, n) => n === 0 || time >= times[n - 1])).toBe(true);
    }
  });

  it('ends quietly when the reader of standard output has seen enough', async () => {
    const program = startProgram(['payments', 'export', '--day', '2026-04-01', '--format', 'jsonl'], {
      DATABASE_URL: gateway.database.url,
    });
    program.child.stdout?.once('data', () => program.child.stdout?.destroy());
    expect(await program.ended).toBe(0);
    expect(program.output()).not.toContain('pgw:');
  });

  it('leaves no file behind when it fails, touches none that is there, and says in one line what is wrong', async () => {
    const file = join(folder, 'nowhere', 'payments.csv');
    const before = await readdir(folder);
    const { code, output } = await pgw('export', '--output', file);
    expect([code, output]).toEqual([1, `pgw: --output ${file} cannot be written: ENOENT`]);
    const other = join(folder, 'other.csv');
    await writeFile(`${other}.part`, '');
    const missing = await pgw('export', '--merchant', 'nobody', '--output', other);
    expect(missing.output).toBe('pgw: There is no merchant nobody');
    expect(await readdir(folder)).toEqual([...before, 'other.csv.part'].sort());
  });
});
