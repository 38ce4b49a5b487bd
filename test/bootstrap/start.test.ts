/**
 * The built program as its users meet it: `npm start`, the first payment, restarts, kills, refusals to start.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { findFreePort } from '../../src/lib/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { type Program, startProgram, waitFor, waitForHealth } from '../support/program.ts';

let dataDir: string;
let env: Record<string, string>;
const running: Program[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-start-'));
  env = { DATA_DIR: dataDir, PORT: String(await findFreePort()), SANDBOX_PORT: String(await findFreePort()) };
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.stop('SIGTERM')));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function start(more: Record<string, string> = {}): Program {
  const program = startProgram(['start'], { ...env, ...more });
  running.push(program);
  return program;
}

async function startAndWait(more: Record<string, string> = {}): Promise<Program> {
  const program = start(more);
  await waitFor(program, () => program.output().includes('paste in another terminal'));
  return program;
}

async function pgw(...args: string[]): Promise<{ code: number | string; output: string }> {
  const program = startProgram(args, env);
  const code = await program.ended;
  return { code, output: program.output().trim() };
}

const url = () => `http://127.0.0.1:${env['PORT']}`;

/** The command line that the start prints, as its arguments. */
function firstPaymentOf(program: Program): string[] {
  const [, args = ''] = /npm run --silent pgw -- (.+)/.exec(program.output()) ?? [];
  return args.split(' ');
}

describe('pgw start on an empty folder', () => {
  let firstRun: Program;
  let credentials: { apiKey: string; secretKey: string };

  it('comes up with everything, prints demo keys and a command whose payment succeeds, and ends with 0', async () => {
    firstRun = await startAndWait();
    const payment = await pgw(...firstPaymentOf(firstRun));
    expect(payment.output).toMatch(/retrieved {2}pi_\w+ {2}succeeded$/);
    expect(payment.code).toBe(0);
    const [, apiKey = '', secretKey = ''] =
      /--api-key (\S+) --secret-key (\S+)/.exec(firstRun.output()) ?? [];
    credentials = { apiKey, secretKey };
    expect(await firstRun.stop()).toBe(0);
    running.length = 0;
  });

  it('logged no token, secret key, signature or PayPay secret', () => {
    const log = firstRun
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .join('\n');
    expect(log).toContain('createPaymentIntent');
    for (const secret of ['_secret_', credentials.secretKey, 'HMAC-SHA256 ', 'OPA-Auth']) {
      expect(log).not.toContain(secret);
    }
  });

  it('keeps data and keys over a restart, and shows the demo keys only once', async () => {
    const second = await startAndWait();
    expect(second.output()).not.toContain('secret_key');
    const list = await createClient({ baseUrl: url(), credentials }).listPaymentIntents();
    expect(list).toMatchObject([{ status: 'succeeded', merchant_store_id: 'store_001' }]);
    expect((await pgw(...firstPaymentOf(second))).code).toBe(0);
  });

  it('a second gateway on the same folder is refused in one line', async () => {
    await startAndWait();
    const second = startProgram(['start'], { ...env, PORT: '0', SANDBOX_PORT: '0' });
    expect(await second.ended).not.toBe(0);
    expect(second.output().trim()).toMatch(/^pgw: DATA_DIR .* is in use by another gateway/);
    expect(second.output().trim().split('\n')).toHaveLength(1);
  });

  it('simply works after kill -9, of the gateway alone and with its PostgreSQL', async () => {
    for (const killsPostgres of [false, true]) {
      const killed = await startAndWait();
      await killed.stop('SIGKILL');
      if (killsPostgres) {
        execFileSync('pkill', ['-KILL', '-f', `${dataDir}/postgres`]);
      }
      const next = await startAndWait();
      expect((await pgw(...firstPaymentOf(next))).code).toBe(0);
      await next.stop();
    }
  });

  it('lets a request in flight finish when it is told to stop', async () => {
    const program = await startAndWait();
    const sandbox = `http://127.0.0.1:${env['SANDBOX_PORT']}`;
    const fault = { operation: 'createCode', kind: 'slow', delay_ms: 1_000, times: 1 };
    await fetch(`${sandbox}/_control/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fault),
    });
    const payment = pgw(
      'demo',
      '--url',
      url(),
      '--api-key',
      credentials.apiKey,
      '--secret-key',
      credentials.secretKey,
    );
    await waitFor(program, async () => {
      const calls = (await (await fetch(`${sandbox}/_control/faults`)).json()) as unknown;
      return JSON.stringify(calls).includes('createCode') === false;
    });
    expect(await program.stop()).toBe(0);
    running.length = 0;
    expect((await payment).output).toMatch(/confirmed {2}QR/);
  });

  it('ends in order when its terminal is closed, of which it is told more than once', async () => {
    const program = await startAndWait();
    program.child.kill('SIGHUP');
    await waitFor(program, () => program.output().includes('shutting down'));
    expect(await program.stop('SIGHUP')).toBe(0);
    running.length = 0;
  });
});

describe('the command line', () => {
  it('works beside a running server and without one', async () => {
    for (const isRunning of [true, false]) {
      const program = isRunning ? await startAndWait() : undefined;
      const { output } = await pgw('keys', 'create', '--merchant', 'merchant_001', '--json');
      expect(Object.keys(JSON.parse(output))).toEqual(['api_key', 'secret_key', 'merchant_id', 'scopes']);
      expect(JSON.parse(output)).toMatchObject({ merchant_id: 'merchant_001', scopes: ['payments'] });
      if (program) {
        expect((await fetch(`${url()}/ready`)).status).toBe(200);
      }
      await program?.stop();
    }
    const { output } = await pgw('keys', 'create', '--scope', 'sync', '--json');
    expect(JSON.parse(output)).toMatchObject({ merchant_id: null, scopes: ['sync'] });
  });

  it('lists, rotates and revokes keys', async () => {
    const created = JSON.parse((await pgw('keys', 'create', '--merchant', 'merchant_001', '--json')).output);
    const rotated = JSON.parse((await pgw('keys', 'rotate', created.api_key, '--json')).output);
    expect(rotated.replaces).toBe(created.api_key);
    expect((await pgw('keys', 'revoke', created.api_key)).code).toBe(0);
    const keys: { api_key: string; revoked_at: string | null; expires_at: string | null }[] = JSON.parse(
      (await pgw('keys', 'list', '--json')).output,
    );
    expect(keys.find(({ api_key }) => api_key === created.api_key)).toMatchObject({
      revoked_at: expect.any(String),
      expires_at: expect.any(String),
    });
    expect(keys.find(({ api_key }) => api_key === rotated.api_key)).toMatchObject({ revoked_at: null });
  });

  it('signs as the gateway checks', async () => {
    const { output } = await pgw(
      'sign',
      'post',
      '/v1/payment_intents',
      '--body',
      '{}',
      '--api-key',
      'ak_1',
      '--secret-key',
      'sk_1',
    );
    const [, timestamp = ''] = /^HMAC-SHA256 ak_1:(\d+):[0-9a-f]{64}$/.exec(output) ?? [];
    const request = { method: 'POST', path: '/v1/payment_intents', body: '{}' };
    expect(
      authorizationHeader({ apiKey: 'ak_1', secretKey: 'sk_1' }, request, new Date(Number(timestamp) * 1000)),
    ).toBe(output);
  });

  it('says what is wrong in one line, without a stack', async () => {
    for (const args of [
      ['keys', 'create'],
      ['keys', 'create', '--merchant', 'nobody'],
      ['keys', 'revoke', 'ak_x'],
      ['intents', 'show', 'pi_x'],
      ['sign', 'GET', '/'],
      ['webhooks', 'replay', '17'],
      ['limits', 'set', 'nobody', '5'],
      ['serve', '--processes', '0'],
    ]) {
      const { code, output } = await pgw(...args);
      expect([args, code, output.split('\n').length]).toEqual([args, 1, 1]);
      expect(output).toMatch(/^pgw: /);
    }
  });

  it('checks the money, shows an intent, the inbox and the limits', async () => {
    const program = await startAndWait();
    expect((await pgw('money', 'check')).output).toMatch(/attempts compared, 0 differences, 0 unreadable/);
    const [message] = JSON.parse((await pgw('webhooks', 'list', '--json')).output);
    expect(message).toMatchObject({ type: 'Transaction', status: 'processed' });
    expect((await pgw('webhooks', 'replay', String(message.id))).code).toBe(0);
    const paid = await pgw(...firstPaymentOf(program));
    const [id = ''] = /pi_\w+/.exec(paid.output) ?? [];
    const shown = (await pgw('intents', 'show', id)).output;
    for (const word of ['succeeded', 'code_created', 'by api_key:', 'pa_']) {
      expect(shown).toContain(word);
    }
    expect((await pgw('limits', 'set', 'merchant_001', '7')).code).toBe(0);
    expect((await pgw('limits', 'list')).output).toBe('merchant_001  7');
    expect((await pgw('limits', 'clear', 'merchant_001')).code).toBe(0);
  });
});

describe('a start that cannot be', () => {
  it.each([
    [
      'NODE_ENV=production without PayPay',
      { NODE_ENV: 'production', ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') },
      /^pgw: PAYPAY_BASE_URL /,
    ],
    [
      'NODE_ENV=production without a key',
      { NODE_ENV: 'production', PAYPAY_BASE_URL: 'https://x', PAYPAY_API_KEY: 'k', PAYPAY_API_SECRET: 's' },
      /^pgw: ENCRYPTION_KEY /,
    ],
    ['a wrong port', { PORT: 'eighty' }, /^pgw: PORT /],
    [
      'plain http to the world',
      { PAYPAY_BASE_URL: 'http://paypay.example', PAYPAY_API_KEY: 'k', PAYPAY_API_SECRET: 's' },
      /^pgw: PAYPAY_BASE_URL /,
    ],
    ['a database that is none', { DATABASE_URL: 'mysql://x' }, /^pgw: DATABASE_URL /],
  ])('%s is refused in one line that names the variable', async (_, more, message) => {
    const program = startProgram(['start'], { ...env, ...(more as unknown as Record<string, string>) });
    expect(await program.ended).toBe(1);
    expect(program.output().trim()).toMatch(message);
    expect(program.output().trim().split('\n')).toHaveLength(1);
  });

  it.each(['PORT', 'SANDBOX_PORT'])('on a %s that is taken is refused by its name', async (variable) => {
    const program = await startAndWait();
    await waitForHealth(program, Number(env['PORT']));
    const other = await mkdtemp(join(tmpdir(), 'mpac-pgw-start-'));
    const free = { DATA_DIR: other, PORT: '0', SANDBOX_PORT: '0' };
    const second = startProgram(['start'], { ...free, [variable]: String(env['PORT']) });
    expect(await second.ended).toBe(1);
    expect(second.output().trim().split('\n').at(-1)).toMatch(new RegExp(`^pgw: ${variable} \\d+ is in use`));
    await rm(other, { recursive: true, force: true });
  });
});
