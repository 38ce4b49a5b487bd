/**
 * The built program as its users see it: `npm start`, the first payment, restarts, kills, refusals to start.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { createTestDatabase } from '../support/database.ts';
import { type Program, startProgram, waitFor } from '../support/program.ts';

let dataDir: string;
let env: Record<string, string>;
/** The gateway that the tests share; undefined once a test has ended it. */
let shared: Program | undefined;
let firstOutput: string;
let credentials: { apiKey: string; secretKey: string };

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-start-'));
  env = { DATA_DIR: dataDir, PORT: String(await findFreePort()), SANDBOX_PORT: String(await findFreePort()) };
  const program = await running();
  firstOutput = program.output();
  const [, apiKey = '', secretKey = ''] = /PGW_API_KEY=(\S+) PGW_SECRET_KEY=(\S+)/.exec(firstOutput) ?? [];
  credentials = { apiKey, secretKey };
});
afterAll(async () => {
  await stop('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
});

/** The shared gateway, started when none runs. */
async function running(): Promise<Program> {
  if (!shared) {
    const program = startProgram(['start'], env);
    shared = program;
    // The command is the last line of the greeting, which can arrive in parts.
    await waitFor(program, () => /pgw -- .+\n/.test(program.output()));
  }
  return shared;
}

async function stop(signal: NodeJS.Signals): Promise<number | string | undefined> {
  const program = shared;
  shared = undefined;
  return program?.stop(signal);
}

async function pgw(...args: string[]): Promise<{ code: number | string; output: string }> {
  return pgwWith({}, ...args);
}

async function pgwWith(
  more: Record<string, string>,
  ...args: string[]
): Promise<{ code: number | string; output: string }> {
  const program = startProgram(args, { ...env, ...more });
  const code = await program.ended;
  return { code, output: program.output().trim() };
}

const url = () => `http://127.0.0.1:${env['PORT']}`;

/** Runs the command line that a start prints: variables, then the program and its arguments. */
function runFirstPayment(output: string): Promise<{ code: number | string; output: string }> {
  const [, variables = '', args = ''] = /^ *(.*)npm run --silent pgw -- (.+)$/m.exec(output) ?? [];
  const given = variables.split(' ').filter((each) => each !== '');
  return pgwWith(Object.fromEntries(given.map((each) => each.split('='))), ...args.split(' '));
}

/** Makes a complete payment with the keys that the last start has printed, or with new ones. */
async function pay(): Promise<{ code: number | string; output: string }> {
  return runFirstPayment((await running()).output());
}

describe('pgw start', () => {
  it('on an empty folder prints demo keys and a command whose payment succeeds', async () => {
    const payment = await runFirstPayment(firstOutput);
    expect(payment.output).toMatch(/retrieved {2}pi_\w+ {2}succeeded$/);
    expect(payment.code).toBe(0);
  });

  it('shows its own address and that of its sandbox in the guides, in both languages', async () => {
    for (const path of ['/docs/testing', '/docs/ja/testing']) {
      const text = await (await fetch(`http://127.0.0.1:${env['PORT']}${path}`)).text();
      expect(text).toContain(`<code>http://localhost:${env['PORT']}</code>`);
      expect(text).toContain(`<code>http://127.0.0.1:${env['SANDBOX_PORT']}/_control</code>`);
      expect(text).not.toMatch(/localhost:808[01]/);
    }
  });

  it('prints a command whose arguments contain no secret, which every user of the machine could read', () => {
    const [, args = ''] = /npm run --silent pgw -- (.+)/.exec(firstOutput) ?? [];
    expect(args).toMatch(/^demo --url http:\S+$/);
    expect(credentials.secretKey).toMatch(/^sk_/);
  });

  it('logs no token, secret key, signature or PayPay secret', async () => {
    const program = await running();
    await pay();
    const log = program
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .join('\n');
    expect(log).toContain('createPaymentIntent');
    for (const secret of ['_secret_', credentials.secretKey, 'HMAC-SHA256 ', 'OPA-Auth']) {
      expect(log).not.toContain(secret);
    }
  });

  it('greets with the amounts that force an outcome, which are on', async () => {
    expect(firstOutput).toContain('990001 (paid), 990002 (declined)');
    const response = await fetch(`http://127.0.0.1:${env['SANDBOX_PORT']}/_control/magic_amounts`);
    expect(await response.json()).toMatchObject({ is_on: true });
  });

  it('prints a command that works as pasted after a restart too, and makes no key each time', async () => {
    await stop('SIGTERM');
    const output = (await running()).output();
    expect(output).toContain(`DATA_DIR=${dataDir} npm run --silent pgw -- demo`);
    expect(output).toContain(`Its keys are in ${dataDir}: demo-api-key and demo-secret-key`);
    expect(await readFile(join(dataDir, 'demo-secret-key'), 'utf8')).toBe(credentials.secretKey);
    const keys = async () => JSON.parse((await pgw('keys', 'list', '--json')).output).length;
    const before = await keys();
    for (let times = 0; times < 2; times += 1) {
      expect((await runFirstPayment(output)).output).toMatch(/succeeded$/);
    }
    expect(await keys()).toBe(before);
  });

  it('ends with 0, keeps data and keys over a restart, and shows the demo keys only once', async () => {
    await pay();
    expect(await stop('SIGTERM')).toBe(0);
    expect((await running()).output()).not.toContain('secret_key');
    const list = await createClient({ baseUrl: url(), credentials }).listPaymentIntents();
    expect(list[0]).toMatchObject({ status: 'succeeded', merchant_store_id: 'store_001' });
    expect((await pay()).code).toBe(0);
  });

  it('is refused in one line where another gateway uses the folder', async () => {
    await running();
    const second = startProgram(['start'], { ...env, PORT: '0', SANDBOX_PORT: '0' });
    expect(await second.ended).not.toBe(0);
    expect(second.output().trim()).toMatch(/^pgw: DATA_DIR .* is in use by another gateway/);
    expect(second.output().trim().split('\n')).toHaveLength(1);
  });

  it.each([false, true])(
    'works after kill -9 of the gateway, its PostgreSQL killed too: %s',
    async (isPostgresKilled) => {
      await running();
      expect(await stop('SIGKILL')).toBe('SIGKILL');
      if (isPostgresKilled) {
        execFileSync('pkill', ['-KILL', '-f', `${dataDir}/postgres`]);
      }
      expect((await pay()).code).toBe(0);
    },
  );

  it('finishes a request in flight when it has to stop', async () => {
    const program = await running();
    const sandbox = `http://127.0.0.1:${env['SANDBOX_PORT']}`;
    const fault = { operation: 'createCode', kind: 'slow', delay_ms: 1_000, times: 1 };
    await fetch(`${sandbox}/_control/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fault),
    });
    const { apiKey, secretKey } = credentials;
    const payment = startProgram(
      ['demo', '--url', url(), '--api-key', apiKey, '--secret-key', secretKey],
      env,
    );
    await waitFor(program, async () => {
      const calls = (await (await fetch(`${sandbox}/_control/faults`)).json()) as unknown;
      return JSON.stringify(calls).includes('createCode') === false;
    });
    expect(await stop('SIGTERM')).toBe(0);
    await waitFor(payment, () => /confirmed {2}QR/.test(payment.output()));
    // It would continue to poll a gateway that has stopped.
    await payment.stop('SIGKILL');
  });

  it('shuts down in order when its terminal is closed, which sends SIGHUP more than once', async () => {
    const program = await running();
    program.child.kill('SIGHUP');
    await waitFor(program, () => program.output().includes('shutting down'));
    expect(await stop('SIGHUP')).toBe(0);
  });
});

describe('the command line', () => {
  it('lists, rotates and revokes keys', async () => {
    await running();
    const sync = JSON.parse((await pgw('keys', 'create', '--scope', 'sync', '--json')).output);
    expect(sync).toMatchObject({ merchant_id: null, upstream: 'default', scopes: ['sync'] });
    const erp = JSON.parse(
      (await pgw('keys', 'create', '--scope', 'sync', '--upstream', 'erp', '--json')).output,
    );
    expect(erp).toMatchObject({ merchant_id: null, upstream: 'erp', scopes: ['sync'] });
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

  it('shows the history of a merchant, and assigns a merchant to another upstream system', async () => {
    await running();
    expect((await pgw('merchants', 'assign', 'merchant_001', '--upstream', 'erp')).code).toBe(0);
    const events = JSON.parse((await pgw('merchants', 'history', 'merchant_001', '--json')).output);
    expect(events).toContainEqual(
      expect.objectContaining({
        store_id: 'store_001',
        field: 'credentials',
        before: null,
        after: expect.stringMatching(/^[0-9a-f]{64}$/),
        upstream: 'default',
      }),
    );
    expect(events.at(-1)).toMatchObject({
      field: 'upstream',
      before: 'default',
      after: 'erp',
      api_key: null,
    });
    expect((await pgw('merchants', 'history', 'merchant_001')).output).toContain('"default" → "erp"');
    expect((await pgw('merchants', 'assign', 'merchant_001', '--upstream', 'default')).code).toBe(0);
  });

  it('creates the signature that the gateway expects', async () => {
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

  it('reads the secret key from the environment, from a file or from standard input', async () => {
    const file = join(dataDir, 'secret-key');
    await writeFile(file, 'sk_1\n');
    const args = ['sign', 'get', '/v1/payment_intents'];
    const outputs = [
      await pgwWith({ PGW_API_KEY: 'ak_1', PGW_SECRET_KEY: 'sk_1' }, ...args),
      await pgw(...args, '--api-key', 'ak_1', '--secret-key-file', file),
    ];
    const program = startProgram([...args, '--api-key', 'ak_1', '--secret-key-file', '-'], env);
    program.child.stdin?.end('sk_1\n');
    await program.ended;
    for (const output of [...outputs.map((each) => each.output), program.output().trim()]) {
      const [, timestamp = ''] = /^HMAC-SHA256 ak_1:(\d+):[0-9a-f]{64}$/.exec(output) ?? [];
      const request = { method: 'GET', path: '/v1/payment_intents', body: '' };
      const at = new Date(Number(timestamp) * 1000);
      expect(authorizationHeader({ apiKey: 'ak_1', secretKey: 'sk_1' }, request, at)).toBe(output);
    }
  });

  it.each([
    'sign GET / --api-key ak_1 --secret-key-file nowhere',
    'sign GET / --api-key ak_1 --secret-key-file - --body -',
    'keys create',
    'keys create --merchant nobody',
    'keys create --merchant merchant_001 --upstream erp',
    'keys create --scope sync --upstream a/b',
    'keys revoke ak_x',
    'merchants history nobody',
    'merchants assign nobody --upstream erp',
    'intents show pi_x',
    'sign GET /',
    'webhooks replay 1700',
    'limits set nobody 5',
    'endpoints disable we_x',
    'endpoints enable we_x',
    'serve --processes 0',
  ])('says in one line, without a stack, what is wrong with %s', async (command) => {
    await running();
    const { code, output } = await pgw(...command.split(' '));
    expect([code, output.split('\n').length]).toEqual([1, 1]);
    expect(output).toMatch(/^pgw: /);
  });

  it('reconciles with the provider, and shows an intent, the inbox and the limits', async () => {
    await running();
    const paid = await pay();
    expect((await pgw('money', 'check')).output).toMatch(/attempts? compared, 0 differences, 0 unreadable/);
    const listWebhooks = async () => JSON.parse((await pgw('webhooks', 'list', '--json')).output);
    await expect
      .poll(async () => (await listWebhooks())[0])
      .toMatchObject({ type: 'Transaction', status: 'processed' });
    const [message] = await listWebhooks();
    expect((await pgw('webhooks', 'replay', String(message.id))).code).toBe(0);
    const [id = ''] = /pi_\w+/.exec(paid.output) ?? [];
    const shown = (await pgw('intents', 'show', id)).output;
    for (const word of ['succeeded', 'code_created', 'by api_key:', 'pa_']) {
      expect(shown).toContain(word);
    }
    expect((await pgw('limits', 'set', 'merchant_001', '7')).code).toBe(0);
    expect((await pgw('limits', 'list')).output).toMatch(/^MERCHANT .*\nmerchant_001 {2}7\n\n1 merchant$/);
    expect((await pgw('limits', 'clear', 'merchant_001')).code).toBe(0);
    expect((await pgw('endpoints', 'list', '--merchant', 'merchant_001', '--json')).output).toBe('[]');
  });

  it.each([true, false])('works while a server is running: %s', async (isRunning) => {
    await (isRunning ? running() : stop('SIGTERM'));
    const { output } = await pgw('keys', 'create', '--merchant', 'merchant_001', '--json');
    expect(Object.keys(JSON.parse(output))).toEqual(['api_key', 'secret_key', 'merchant_id', 'scopes']);
    expect(JSON.parse(output)).toMatchObject({
      merchant_id: 'merchant_001',
      scopes: ['payments', 'refunds', 'events', 'reports'],
    });
    if (isRunning) {
      expect((await fetch(`${url()}/ready`)).status).toBe(200);
    }
  });
});

describe('an impossible start', () => {
  it.each([
    [
      'in production without a key',
      {
        NODE_ENV: 'production',
        PUBLIC_BASE_URL: 'https://pay.example.com',
        ...{ PAYPAY_BASE_URL: 'https://x', PAYPAY_API_KEY: 'k', PAYPAY_API_SECRET: 's' },
      },
      /^pgw: ENCRYPTION_KEY /,
    ],
    ['an invalid port', { PORT: 'eighty' }, /^pgw: PORT /],
    [
      'plain http to another host',
      { PAYPAY_BASE_URL: 'http://paypay.example', PAYPAY_API_KEY: 'k', PAYPAY_API_SECRET: 's' },
      /^pgw: PAYPAY_BASE_URL /,
    ],
    ['an invalid database URL', { DATABASE_URL: 'mysql://x' }, /^pgw: DATABASE_URL /],
    [
      'a database that does not run',
      { DATABASE_URL: 'postgres://pgw:x@127.0.0.1:1/pgw' },
      /^pgw: DATABASE_URL leads to no usable PostgreSQL/,
    ],
  ])('%s is refused in one line that names the variable', async (_, more, message) => {
    const program = startProgram(['start'], { ...env, ...(more as unknown as Record<string, string>) });
    expect(await program.ended).toBe(1);
    expect(program.output().trim()).toMatch(message);
    expect(program.output().trim().split('\n')).toHaveLength(1);
  });

  it('in production without settings is refused with one list of all that are missing', async () => {
    const program = startProgram(['start'], { NODE_ENV: 'production', DATA_DIR: dataDir });
    expect(await program.ended).toBe(1);
    const [heading, ...lines] = program.output().trimEnd().split('\n');
    expect(heading).toBe('pgw: 5 settings must be changed:');
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual([
      'PUBLIC_BASE_URL',
      'PAYPAY_BASE_URL',
      'PAYPAY_API_KEY',
      'PAYPAY_API_SECRET',
      'ENCRYPTION_KEY',
      'risky,',
      'DATABASE_URL',
      'PAYPAY_WEBHOOK_SECRET',
    ]);
  });

  it.each(['PORT', 'SANDBOX_PORT', 'CONSOLE_PORT'])(
    'on a %s that is taken is refused by its name',
    async (variable) => {
      const database = await createTestDatabase();
      const other = await mkdtemp(join(tmpdir(), 'mpac-pgw-start-'));
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const free = { DATABASE_URL: database.url, DATA_DIR: other, PORT: '0', SANDBOX_PORT: '0' };
      const refused = startProgram(['start'], { ...free, [variable]: String(port) });
      expect(await refused.ended).toBe(1);
      expect(refused.output().trim().split('\n').at(-1)).toMatch(
        new RegExp(`^pgw: ${variable} ${port} is in use`),
      );
      server.close();
      await database.drop();
      await rm(other, { recursive: true, force: true });
    },
  );
});
