/**
 * Commands leave rows in the audit log, and `pgw audit` lists, exports and verifies it.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertWebhook } from '../../src/store/provider-webhooks.ts';
import { startTestGateway, TEST_KEY, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';
import { newCashIntent } from '../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
let folder: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  folder = await mkdtemp(join(tmpdir(), 'mpac-pgw-audit-'));
});

afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

async function pgw(...args: string[]): Promise<{ code: number | string; output: string }> {
  const program = startProgram(args, {
    DATABASE_URL: gateway.database.url,
    ENCRYPTION_KEY: TEST_KEY.toString('base64'),
    PAYPAY_BASE_URL: gateway.sandbox.url,
    PAYPAY_API_KEY: 'test-key',
    PAYPAY_API_SECRET: 'test-secret',
    PAYPAY_WEBHOOK_SECRET: 'test-webhook-secret',
  });
  const code = await program.ended;
  return { code, output: program.output().trimEnd() };
}

async function pgwJson(...args: string[]) {
  const { code, output } = await pgw(...args, '--json');
  expect([args, code]).toEqual([args, 0]);
  return JSON.parse(output.split('\n')[0] ?? '');
}

interface Row {
  readonly [name: string]: unknown;
}

const listed = (...args: string[]): Promise<Row[]> => pgwJson('audit', 'list', ...args);

describe('commands that change something', () => {
  it('record who gave, changed, replaced and revoked an API key, from what and to what, without its secret', async () => {
    const { merchantId } = merchant;
    const created = await pgwJson('keys', 'create', '--merchant', merchantId, '--reason', 'for the new till');
    const key = created.api_key;
    await pgwJson('keys', 'update', key, '--max-refund', '500', '--reason', 'a limit');
    await pgwJson('keys', 'update', key, '--max-refund', '500');
    const rotated = await pgwJson('keys', 'rotate', key);
    await pgwJson('keys', 'revoke', key, '--reason', 'no longer needed');
    const rows = (await listed('--object', key)).reverse();
    expect(rows.map(({ type, reason }) => [type, reason])).toEqual([
      ['api_key.created', 'for the new till'],
      ['api_key.updated', 'a limit'],
      ['api_key.rotated', null],
      ['api_key.revoked', 'no longer needed'],
    ]);
    expect(rows[1]).toMatchObject({
      actor_kind: 'command_line',
      actor_id: userInfo().username,
      merchant_id: merchantId,
      before: { max_refund_amount: null },
      after: { max_refund_amount: 500 },
    });
    expect(rows[2]).toMatchObject({ before: { expires_at: null }, after: { replaced_by: rotated.api_key } });
    const { output } = await pgw('audit', 'export');
    expect(output).toContain(rotated.api_key);
    expect(output).not.toContain(created.secret_key);
    expect(output).not.toContain(rotated.secret_key);
  });

  it('record limits, assignments and replayed webhooks, and nothing when nothing changed', async () => {
    const { merchantId } = merchant;
    const { id } = await insertWebhook(
      gateway.deps.db,
      {
        ...{ provider: 'PAYPAY', dedupeKey: 'a', type: 'Transaction', body: Buffer.from('{}') },
        ...{ attemptId: undefined, providerPaymentId: '4711', peerAddress: undefined },
      },
      gateway.deps.clock.now(),
    );
    await pgwJson('limits', 'set', merchantId, '3000');
    await pgwJson('limits', 'set', merchantId, '3000');
    await pgwJson('limits', 'clear', merchantId);
    expect((await pgw('limits', 'clear', merchantId)).code).toBe(1);
    await pgwJson('merchants', 'assign', merchantId, '--upstream', 'erp');
    await pgwJson('merchants', 'assign', merchantId, '--upstream', 'erp');
    await pgwJson('webhooks', 'replay', String(id), '--reason', 'the row was restored');
    await pgwJson('encryption', 'rotate');
    const since = ['--since', '2020-01-01', '--until', '2100-01-01T00:00:00Z', '--limit', '4'];
    expect((await listed(...since)).map(({ type, before, after }) => [type, before, after])).toEqual([
      ['encryption.rotated', null, null],
      ['provider_webhook.replayed', { status: 'received' }, { status: 'received' }],
      ['merchant.assigned', { upstream: 'default' }, { upstream: 'erp' }],
      ['merchant_limit.changed', { requests_per_minute: 3000 }, { requests_per_minute: null }],
    ]);
    expect(await listed('--type', 'merchant_limit.changed')).toHaveLength(2);
  });

  it('record a refund of an operator with its payment', async () => {
    const { id } = await newCashIntent(gateway, merchant);
    await pgwJson(
      'refunds',
      'create',
      '--payment',
      id,
      '--amount',
      '300',
      '--yes',
      '--note',
      'goods came back',
    );
    expect(await listed('--object', id)).toMatchObject([
      {
        type: 'refund.created',
        reason: 'goods came back',
        merchant_id: merchant.merchantId,
        after: { amount: 300, currency: 'JPY', method: 'cash' },
      },
    ]);
  });

  it('refuse a reason that cannot be recorded before they change anything', async () => {
    const { code, output } = await pgw('limits', 'set', merchant.merchantId, '5', '--reason', 'a\u001b[31m');
    expect(code).toBe(1);
    expect(output).toMatch(/^pgw: the reason must have 1 to 500 characters[^\n]*$/);
    expect((await pgw('limits', 'list')).output).toBe('All merchants have the default limit.');
  });
});

describe('pgw audit', () => {
  it('exports all rows, oldest first, as JSON lines and as CSV', async () => {
    const file = join(folder, 'audit.csv');
    const lines = (await pgw('audit', 'export')).output.split('\n');
    const rows = lines.slice(0, -1).map((line) => JSON.parse(line) as Row);
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1));
    expect(lines.at(-1)).toBe(`Exported ${rows.length} acts.`);
    expect((await pgw('audit', 'export', '--format', 'csv', '--output', file)).code).toBe(0);
    const csv = (await readFile(file, 'utf8')).split('\r\n');
    expect(csv[0]).toMatch(/^position,created_at,actor_kind,actor_id,type,.*,previous_hash,hash$/);
    expect(csv.length).toBe(rows.length + 2);
  });

  it('verifies the log against a head that was kept, and exits with 1 when a row was changed', async () => {
    const { head, rows } = await pgwJson('audit', 'verify');
    expect(head).toMatch(new RegExp(`^${rows}:[0-9a-f]{64}$`));
    await pgwJson('limits', 'set', merchant.merchantId, '70');
    const intact = await pgw('audit', 'verify', '--expect', head);
    expect(intact.code).toBe(0);
    expect(intact.output).toContain(
      `${rows + 1} rows verified: none was changed or removed.\nHead, to be kept`,
    );
    await gateway.deps.db.raw(
      "alter table audit_log disable trigger user; update audit_log set reason = 'harmless' where position = 2",
    );
    const changed = await pgw('audit', 'verify', '--expect', head);
    expect(changed.code).toBe(1);
    expect(changed.output).toContain('Row 2 was changed: its content does not match its hash.\n');
    const other = await pgw('audit', 'verify', '--json', '--expect', `3:${'a'.repeat(64)}`);
    expect(other.code).toBe(1);
    expect(JSON.parse(other.output).faults).toEqual([
      { kind: 'changed', position: 2 },
      { kind: 'not_as_kept', position: 3 },
    ]);
  });

  it.each([
    ['list --type payments', '--type takes one of api_key.created'],
    ['list --since yesterday', '--since takes a day such as 2026-01-15'],
    ['list --limit 0', '--limit takes a number from 1 to 1000'],
    ['export --format xml', '--format takes csv or jsonl'],
    ['verify --expect 12', '--expect takes a head as pgw audit verify prints it'],
  ])('refuses %s in one line', async (args, message) => {
    const { code, output } = await pgw('audit', ...args.split(' '));
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^pgw: ${message}[^\n]*$`));
  });
});
