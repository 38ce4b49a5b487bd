/**
 * `mpac-pgw sandbox --with-gateway` as a merchant's tests use it: the built program, the client, and each magic amount from
 * confirm to the end.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PaymentIntent, type PgwClient, PgwError } from '../../src/client/index.ts';
import { MAGIC_AMOUNTS } from '../../src/sandbox/faults/magic-amounts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { PROGRAM, type Program, startProgram, waitFor } from '../support/program.ts';

/** For a status that lasts one second, which a busy machine may miss. */
const FLEETING = { retry: 3 };
const FREE_PORTS = { PORT: '0', SANDBOX_PORT: '0' };

let temporary: string;
let program: Program;
let env: Record<string, string>;
let pgw: PgwClient;

/** Parses the lines `NAME  value` that the start prints. */
function variablesOf(output: string): Record<string, string> {
  const lines = [...output.matchAll(/^(PGW_\w+) +(\S+)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));
}

function start(args: readonly string[] = [], more: Record<string, string> = {}): Program {
  return startProgram(['sandbox', '--with-gateway', ...args], { ...FREE_PORTS, TMPDIR: temporary, ...more });
}

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'mpac-pgw-tests-'));
  // PostgreSQL may run as another user than the one that runs the tests.
  await chmod(temporary, 0o755);
  program = start();
  await waitFor(program, () => program.output().includes('Ready'));
  env = variablesOf(program.output());
  pgw = clientOf(env);
});
afterAll(async () => {
  await program.stop();
  await rm(temporary, { recursive: true, force: true });
});

function clientOf(variables: Record<string, string>, prefix = 'PGW_'): PgwClient {
  const [apiKey = '', secretKey = ''] = [variables[`${prefix}API_KEY`], variables[`${prefix}SECRET_KEY`]];
  // Without retries, so that each answer is seen.
  return createClient({
    baseUrl: variables['PGW_BASE_URL'] ?? '',
    credentials: { apiKey, secretKey },
    maxRetries: 0,
  });
}

async function createIntent(amount: number): Promise<string> {
  const intent = await pgw.createPaymentIntent({
    amount,
    currency: 'JPY',
    payment_method_types: ['qr_mpm'],
    merchant_ref_id: `order_${amount}`,
    merchant_store_id: 'store_001',
  });
  return intent.id;
}

async function confirmNew(amount: number): Promise<string> {
  const id = await createIntent(amount);
  await pgw.confirmPaymentIntent(id);
  return id;
}

async function advance(seconds: number): Promise<void> {
  const body = JSON.stringify({ advance_seconds: seconds });
  const answer = await fetch(`${env['PGW_SANDBOX_URL']}/_control/clock`, { method: 'POST', body });
  expect(answer.status).toBe(200);
}

const retrieve = (id: string) => pgw.retrievePaymentIntent(id);
const statusOf = async (id: string) => (await retrieve(id)).status;
const amountOf = (name: string) => MAGIC_AMOUNTS.find((magic) => magic.name === name)?.amount ?? 0;

/** Without a request by its id, which would make the gateway read PayPay. */
async function listed(id: string): Promise<PaymentIntent | undefined> {
  return (await pgw.listPaymentIntents({ limit: 100 })).find((intent) => intent.id === id);
}

async function refusalOf(confirm: Promise<unknown>): Promise<PgwError> {
  const error = await confirm.catch((reason: unknown) => reason);
  if (!(error instanceof PgwError)) {
    throw new Error('the gateway has not refused', { cause: error });
  }
  return error;
}

describe('the sandbox with a gateway', () => {
  it('prints where it is, the keys of the test vectors, and every magic amount', async () => {
    const vectors = JSON.parse(await readFile('test/lib/signing/vectors.json', 'utf8'));
    expect(env).toEqual({
      PGW_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      PGW_SANDBOX_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      PGW_API_KEY: vectors.api_key,
      PGW_SECRET_KEY: vectors.secret_key,
      PGW_SYNC_API_KEY: 'ak_sandbox_sync',
      PGW_SYNC_SECRET_KEY: 'sk_sandbox_sync_not_a_secret',
    });
    for (const { amount, outcome } of MAGIC_AMOUNTS) {
      expect(program.output()).toContain(`${amount}  ${outcome}`);
    }
    const [, guide = ''] = /How to test with it: (\S+)/.exec(program.output()) ?? [];
    expect(await (await fetch(guide)).text()).toContain('Contract tests in your CI');
  });

  it('returns links to its own address', async () => {
    const { checkout_url: link } = await pgw.createPaymentIntent({
      amount: 1000,
      currency: 'JPY',
      payment_method_types: ['qr_mpm'],
      merchant_ref_id: 'order_link',
    });
    const page = await fetch(link ?? '', { headers: { Accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('1,000')]);
  });

  it('accepts the sync key, and explains signatures', async () => {
    const sync = clientOf(env, 'PGW_SYNC_');
    expect(await sync.syncMerchants([{ id: 'merchant_002', name: 'Another', stores: [] }])).toMatchObject({
      synced_merchants: 1,
    });
    const { data } = await pgw.api.POST('/v1/auth/explain', {
      body: { authorization: 'Basic x', method: 'GET', path: '/' },
    });
    expect(data).toMatchObject({ is_valid: false });
  });

  it('has rate limits that no test reaches, in the usual headers', async () => {
    const { response } = await pgw.api.GET('/v1/payment_intents');
    expect(response.headers.get('X-RateLimit-Limit')).toBe('1000000');
  });
});

describe('a magic amount, from confirm to the end', () => {
  it('paid: a QR, and a second later succeeded', async () => {
    const id = await createIntent(amountOf('paid'));
    expect((await pgw.confirmPaymentIntent(id)).qr_content).toContain(env['PGW_SANDBOX_URL']);
    await advance(1);
    await expect.poll(() => statusOf(id)).toBe('succeeded');
    expect(await retrieve(id)).toMatchObject({ amount_captured: amountOf('paid') });
  });

  it('declined: back to requires_payment_method with payment_failed, and a retry is possible', async () => {
    const id = await createIntent(amountOf('declined'));
    const first = await pgw.confirmPaymentIntent(id);
    await advance(1);
    await expect.poll(() => statusOf(id)).toBe('requires_payment_method');
    expect((await retrieve(id)).last_payment_error?.code).toBe('payment_failed');
    const second = await pgw.confirmPaymentIntent(id);
    expect(second.qr_content).not.toBe(first.qr_content);
  });

  it('lapsed: the QR code lives five seconds, then requires_payment_method with code_expired, finally expired', async () => {
    const id = await createIntent(amountOf('lapsed'));
    const { expires_at } = await pgw.confirmPaymentIntent(id);
    const { created_at } = await retrieve(id);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBeLessThan(10_000);
    await advance(15);
    expect(await listed(id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'code_expired' },
    });
    await advance(1_800);
    expect(await listed(id)).toMatchObject({
      status: 'expired',
      last_payment_error: { code: 'code_expired' },
    });
  });

  it(
    'unknown: 502 and processing, then it turns out that nothing was paid; the next confirm ends the same way',
    FLEETING,
    async () => {
      const id = await createIntent(amountOf('unknown'));
      for (const _ of ['first', 'second']) {
        expect(await refusalOf(pgw.confirmPaymentIntent(id))).toMatchObject({
          status: 502,
          code: 'provider_error',
        });
        expect(await statusOf(id)).toBe('processing');
        await advance(2);
        await expect.poll(() => statusOf(id)).toBe('requires_payment_method');
        expect((await retrieve(id)).last_payment_error?.code).toBe('code_not_created');
      }
      expect(await pgw.cancelPaymentIntent(id)).toMatchObject({ status: 'cancelled' });
    },
  );

  it('late: succeeded 20 seconds later, without a webhook', async () => {
    const id = await confirmNew(amountOf('late'));
    await advance(10);
    expect(await listed(id)).toMatchObject({ status: 'requires_action' });
    await advance(10);
    expect(await listed(id)).toMatchObject({ status: 'succeeded' });
    const webhooks = await (await fetch(`${env['PGW_SANDBOX_URL']}/_control/webhooks`)).text();
    expect(webhooks).not.toContain(String(amountOf('late')));
  });

  it('unavailable: 503 with Retry-After each time, and nothing has happened', async () => {
    const id = await createIntent(amountOf('unavailable'));
    for (const _ of ['first', 'second']) {
      const { response } = await pgw.api.POST('/v1/payment_intents/{id}/confirm', {
        params: { path: { id } },
        body: { payment_method_type: 'qr_mpm', provider: 'PAYPAY' },
      });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
      expect(await retrieve(id)).toMatchObject({
        status: 'requires_payment_method',
        last_payment_error: { code: 'maintenance_mode' },
      });
    }
  });

  it('unknown, then paid: 502, the next confirm shows the QR, and it succeeds', async () => {
    const id = await createIntent(amountOf('unknown, then paid'));
    expect(await refusalOf(pgw.confirmPaymentIntent(id))).toMatchObject({
      status: 502,
      code: 'provider_error',
    });
    expect((await pgw.confirmPaymentIntent(id)).qr_content).toContain(env['PGW_SANDBOX_URL']);
    await advance(5);
    await expect.poll(() => statusOf(id)).toBe('succeeded');
  });

  it('unknown, then paid: also succeeds without another confirm', async () => {
    const id = await createIntent(amountOf('unknown, then paid'));
    await refusalOf(pgw.confirmPaymentIntent(id));
    await advance(5);
    await expect.poll(() => statusOf(id)).toBe('succeeded');
  });

  it('forced failures, however many, do not affect other payments', async () => {
    const unavailable = Array.from({ length: 12 }, () => createIntent(amountOf('unavailable')));
    for (const id of await Promise.all(unavailable)) {
      await refusalOf(pgw.confirmPaymentIntent(id));
    }
    expect(await statusOf(await confirmNew(1_000))).toBe('requires_action');
  });
});

describe('moving the clock', () => {
  it('has completed the work that became due when it responds: intents are expired before they are read', async () => {
    const [waiting, shown] = [await createIntent(1_000), await confirmNew(1_000)];
    await advance(1_800);
    expect(await listed(waiting)).toMatchObject({ status: 'expired' });
    expect(await listed(shown)).toMatchObject({ status: 'expired' });
  });

  it('past a payment and the expiry finds the payment, because it was in time', async () => {
    const id = await confirmNew(amountOf('late'));
    await advance(86_400);
    expect(await listed(id)).toMatchObject({ status: 'succeeded' });
  });

  it('does not affect signatures', async () => {
    await advance(7 * 86_400);
    expect(await pgw.listPaymentIntents({ limit: 1 })).toHaveLength(1);
  });

  it('back to the present leaves a working gateway', async () => {
    const reset = { method: 'POST', body: '{"reset": true}' };
    expect((await fetch(`${env['PGW_SANDBOX_URL']}/_control/clock`, reset)).status).toBe(200);
    const id = await confirmNew(amountOf('paid'));
    await expect.poll(() => statusOf(id)).toBe('succeeded');
  });
});

describe('around a command', () => {
  /** The folders of runs. The programs of PostgreSQL, which all runs share, may be beside them. */
  const listFolders = async () =>
    (await readdir(temporary)).filter((name) => name.startsWith('mpac-pgw-temporary-'));

  /** Returns both output streams separately. */
  async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const options = { env: { PATH: process.env['PATH'], ...FREE_PORTS, TMPDIR: temporary } };
    const all = [PROGRAM, 'sandbox', '--with-gateway', '--', ...args];
    const done = promisify(execFile)(process.execPath, all, options);
    return done.then(
      (result) => ({ code: 0, ...result }),
      (error) => error as { code: number; stdout: string; stderr: string },
    );
  }

  it('runs it once everything is up, with the addresses in its environment and standard output to itself, and exits with its code', async () => {
    const script = `const { PGW_BASE_URL, PGW_API_KEY, PGW_SECRET_KEY, PGW_SANDBOX_URL, PGW_SYNC_API_KEY, PGW_SYNC_SECRET_KEY } = process.env;
      const [ready, sandbox] = await Promise.all([fetch(PGW_BASE_URL + '/ready'), fetch(PGW_SANDBOX_URL + '/_control/clock')]);
      console.log(JSON.stringify([ready.status, sandbox.status, PGW_API_KEY, PGW_SECRET_KEY, PGW_SYNC_API_KEY, PGW_SYNC_SECRET_KEY]));
      process.exit(7);`;
    const { code, stdout, stderr } = await run(process.execPath, '--input-type=module', '-e', script);
    const { PGW_API_KEY, PGW_SECRET_KEY, PGW_SYNC_API_KEY, PGW_SYNC_SECRET_KEY } = env;
    const keys = [PGW_API_KEY, PGW_SECRET_KEY, PGW_SYNC_API_KEY, PGW_SYNC_SECRET_KEY];
    expect(JSON.parse(stdout)).toEqual([200, 200, ...keys]);
    expect(stderr).toContain('Ready; running');
    expect(code).toBe(7);
  });

  it('reports an unknown command in one line', async () => {
    const { code, stderr } = await run('no-such-command-anywhere');
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^pgw: no-such-command-anywhere cannot be started/);
  });

  it('leaves no folder and no PostgreSQL behind, except those of the sandbox that still runs', async () => {
    const folders = await listFolders();
    expect(folders).toHaveLength(1);
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'args']);
    const servers = stdout.split('\n').filter((line) => line.includes(`mpac_pgw.folder=${temporary}/`));
    expect(servers).toHaveLength(1);
    expect(servers[0]).toContain(`${temporary}/${folders[0]}/`);
  });

  it('removes the folder of a run that was killed', async () => {
    const killed = start();
    await waitFor(killed, () => killed.output().includes('Ready'));
    await killed.stop('SIGKILL');
    expect(await listFolders()).toHaveLength(2);
    await run(process.execPath, '-e', '');
    expect(await listFolders()).toHaveLength(1);
  });
});

describe('on a database that is given', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('restores its keys at each start, however they were changed', async () => {
    const demo = `"${process.execPath}" "${PROGRAM}" demo`;
    const keys = '--url $PGW_BASE_URL --api-key $PGW_API_KEY --secret-key $PGW_SECRET_KEY';
    for (const _ of ['first', 'again']) {
      const running = start(['--', 'sh', '-c', `${demo} ${keys}`], { DATABASE_URL: database.url });
      expect(await running.ended).toBe(0);
      expect(running.output()).toMatch(/retrieved {2}pi_\w+ {2}succeeded/);
      await database.db.raw(`update api_keys set revoked_at = now(), secret_key_hash = repeat('0', 64)`);
    }
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s is forwarded to the command, whose exit code counts',
    async (signal) => {
      const script = `process.on('${signal}', () => process.exit(5)); setInterval(() => {}, 1000); console.log('command', 'runs');`;
      const running = start(['--', process.execPath, '-e', script], { DATABASE_URL: database.url });
      await waitFor(running, () => running.output().includes('command runs'));
      expect(await running.stop(signal)).toBe(5);
    },
  );

  it('is refused where there are other merchants, because its keys are public', async () => {
    const others = await createTestDatabase();
    await others.db.raw(
      `insert into merchants (id, name, created_at, updated_at) values ('m', 'M', now(), now())`,
    );
    const running = start([], { DATABASE_URL: others.url });
    expect(await running.ended).toBe(1);
    expect(running.output().trim()).toMatch(/^pgw: DATABASE_URL holds merchants and is no sandbox/);
    const { rows } = await others.db.raw('select * from api_keys');
    expect(rows).toEqual([]);
    await others.drop();
  });
});

describe('an impossible sandbox', () => {
  it.each([
    [
      'in production',
      ['--with-gateway'],
      { NODE_ENV: 'production' },
      /^pgw: NODE_ENV must not be production/,
    ],
    [
      'beside a PayPay',
      ['--with-gateway'],
      { PAYPAY_BASE_URL: 'https://x' },
      /^pgw: PAYPAY_BASE_URL must not/,
    ],
    ['around a command without a gateway', ['--', 'true'], {}, /^pgw: a command to run needs --with-gateway/],
    [
      'with webhooks for another gateway',
      ['--with-gateway', '--webhook-url', 'http://localhost'],
      {},
      /^pgw: --webhook-url is for the simulator alone/,
    ],
  ])('%s is refused in one line', async (_, args, more, message) => {
    const refused = startProgram(['sandbox', ...args], { TMPDIR: temporary, ...FREE_PORTS, ...more });
    expect(await refused.ended).toBe(1);
    expect(refused.output().trim()).toMatch(message);
    expect(refused.output().trim().split('\n')).toHaveLength(1);
  });
});
