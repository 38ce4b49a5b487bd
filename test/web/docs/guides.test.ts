/**
 * The guides against the gateway: their shell samples run as a reader would paste them, and their tables match the code.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { statusOf } from '../../../src/http/errors.ts';
import { findFreePort } from '../../../src/lib/net/free-port.ts';
import { MAGIC_AMOUNTS } from '../../../src/sandbox/faults/magic-amounts.ts';
import { type Runner, startWorkers } from '../../../src/workers/runner.ts';
import { createWorkers } from '../../../src/workers/workers.ts';
import { contract } from '../../support/contract.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { isInstalled } from '../../support/redis.ts';

const FOLDER = new URL('../../../src/web/docs/guides/', import.meta.url);
const guide = (name: string) => readFileSync(new URL(`${name}.md`, FOLDER), 'utf8');
const shellOf = (name: string) =>
  [...guide(name).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
/** The first sample defines what the others need: the address, the keys, `sign` and `field`. */
const [SETUP = '', ...FIRST_PAYMENT] = shellOf('first-payment');

let gateway: TestGateway;
let runner: Runner;
let merchant: Credentials;
beforeAll(async () => {
  gateway = await startTestGateway();
  runner = startWorkers(createWorkers(gateway.deps), gateway.deps);
  merchant = await gateway.newMerchant();
});
afterAll(async () => {
  await runner.stop();
  await gateway.close();
});

/** Runs shell as a reader would: pasted after the setup, with real keys and addresses. */
async function paste(code: string, { apiKey, secretKey } = merchant, shell = 'bash'): Promise<string> {
  const script = `${SETUP}\n${code}`
    .replace('ak_...', apiKey)
    .replace('sk_...', secretKey)
    .replaceAll('http://localhost:8080', gateway.url)
    .replaceAll('http://localhost:8081', gateway.sandbox.url);
  const { stdout } = await promisify(execFile)(shell, [
    '-c',
    `WEBHOOK_SECRET=test-webhook-secret\n${script}`,
  ]);
  return stdout;
}

describe('the shell of the guides', () => {
  it.each(['bash', 'sh'])(
    'first payment: creates, confirms, pays, polls, captures and cancels, in %s',
    async (shell) => {
      const output = await paste(FIRST_PAYMENT.join('\n'), merchant, shell);
      expect(output).toMatch(/"payment_token":"pi_\w+_secret_\w+"/);
      expect(output).toMatch(/"qr_content":"http/);
      // On a slow machine it is the first poll that finds it, after the sandbox's response without a line feed.
      expect(output).toMatch(/(^|\})succeeded$/m);
      expect(output).toMatch(/"status":"succeeded".*"amount_captured":1000,.*"succeeded_at"/);
      expect(output).toMatch(/"status":"succeeded","amount":1000,"currency":"JPY","amount_captured":1000/);
      expect(output).toMatch(/"status":"cancelled"/);
      expect(output).not.toContain('"details"');
    },
  );

  it('has no comments, which the interactive zsh of macOS would take for arguments', () => {
    const names = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
    for (const name of names.map((file) => file.replace('.md', ''))) {
      expect(shellOf(name).join('\n'), name).not.toMatch(/(^|\s)#(\s|$)/);
    }
  });

  it('idempotency: a repetition gets the first response, another body a conflict, and one order is created', async () => {
    const output = await paste(shellOf('idempotency').join('\n'), await gateway.newMerchant());
    const [first, second] = output.split('\n');
    expect(first).toMatch(/^pi_/);
    expect(second).toBe(first);
    expect(output).toMatch(/^idempotent-replayed: true/im);
    expect(output).toContain('"reason":"different_request"');
    expect(output.match(/"merchant_ref_id":"order_1"/g)).toHaveLength(1);
  });

  it('errors: the error for a body with two faults lists both', async () => {
    const error = JSON.parse(await paste(shellOf('errors').join('\n')));
    expect(error.code).toBe('invalid_request');
    expect(error.details.errors.map(({ constraint }: { constraint: string }) => constraint).sort()).toEqual([
      'min_value',
      'unknown_property',
    ]);
  });

  it('refunds: a paid PaymentIntent is refunded, a part and another part are, more is refused, and the rest is', async () => {
    const paid = FIRST_PAYMENT.slice(0, 4);
    const output = await paste([...paid, ...shellOf('refunds')].join('\n'));
    const [, id = ''] = /"id":"(pi_\w+)"/.exec(output) ?? [];
    expect(output).toMatch(
      new RegExp(`"id":"re_\\w+","payment_intent_id":"${id}","amount":1000,.*"status":"pending"`),
    );
    expect(output).toMatch(/(^|\})(pending\n)*succeeded$/m);
    expect(output.match(/"amount":(300|200|500),"currency":"JPY","status":"succeeded"/g)).toHaveLength(3);
    expect(output.match(/"amount_refundable":500/g)).toHaveLength(1);
    expect(output).toContain('"merchant_staff_id":"staff_017","merchant_terminal_id":"terminal_001"');
  });

  it('webhooks: an endpoint is created and pinged, and payments are listed', async () => {
    const paid = await paste(FIRST_PAYMENT.join('\n'));
    const [, id = ''] = /"id":"(pi_\w+)"/.exec(paid) ?? [];
    const output = await paste(shellOf('webhooks').join('\n'));
    expect(output).toMatch(/"secret":"whsec_/);
    expect(output).toMatch(/"delivered":/);
    expect(output).toMatch(/"next_cursor":"/);
    expect(output).toContain(`"id":"${id}"`);
  });

  it("PayPay's webhooks: a signed message is accepted", async () => {
    expect(await paste(shellOf('paypay-webhooks').join('\n'))).toContain('{"received":true}');
  });
});

const rows = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, ...cells]) => cells);

describe('the tables of the guides', () => {
  it('errors: lists every code with its status', () => {
    const schemas = contract.components?.schemas as unknown as Record<string, { enum: ErrorCode[] }>;
    const codes = ['ErrorCode', 'CursorExpiredCode'].flatMap((name) => schemas[name]?.enum ?? []);
    expect(codes.length).toBeGreaterThan(8);
    expect(rows(guide('errors'), /^\| (\d{3}) \| `(\w+)` \|/gm).sort()).toEqual(
      codes.map((code) => [String(statusOf(code)), code]).sort(),
    );
  });

  it('errors: lists every reason for rejecting a signature', () => {
    const source = readFileSync(new URL('../../../src/services/authenticate.ts', import.meta.url), 'utf8');
    const found = source.matchAll(/(?:unauthorized\(|reason:)\s*'(\w+)'/g);
    const reasons = [...new Set([...found].map(([, reason]) => reason))];
    expect(reasons.length).toBeGreaterThan(3);
    const [, table = ''] = /\| `details.reason` \| check \|\n([\s\S]*?)\n\n/.exec(guide('errors')) ?? [];
    expect(
      rows(table, /^\| `(\w+)` \|/gm)
        .flat()
        .sort(),
    ).toEqual(reasons.sort());
  });

  it('going live: names only settings and metrics that exist', () => {
    const source = [
      'config.ts',
      'config/read.ts',
      'config/encryption-keys.ts',
      'config/paypay.ts',
      'config/real-money.ts',
      'lib/metrics.ts',
      'lib/metrics/refunds.ts',
      'services/operator/observe-state.ts',
      'http/metrics-server.ts',
    ]
      .map((name) => readFileSync(new URL(`../../../src/${name}`, import.meta.url), 'utf8'))
      .join('');
    const settings = rows(guide('going-live'), /`([A-Z]+(?:_[A-Z]+)+)`/g).flat();
    const metrics = rows(guide('going-live'), /`(pgw_\w+)/g).flat();
    expect(settings.length).toBeGreaterThan(5);
    expect(metrics.length).toBeGreaterThan(5);
    for (const name of [...settings, ...metrics]) {
      expect(source, name).toContain(`'${name}'`);
    }
  });
});

const hasProxy = isInstalled('haproxy', '-v');

describe.skipIf(!hasProxy)(`the log of a proxy${hasProxy ? '' : ' (needs haproxy)'}`, () => {
  const manual = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

  it.each([
    ['going live', guide('going-live')],
    ["the operator's manual", manual],
  ])('contains the path of a request but not its token: HAProxy, %s', async (_, text) => {
    const [line = ''] = /log-format "[^"]+"/.exec(text) ?? [];
    const port = await findFreePort();
    const config = `
global
  log stdout format raw local0
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend pgw
  bind 127.0.0.1:${port}
  ${line}
  http-request return status 200
`;
    const folder = mkdtempSync(join(tmpdir(), 'pgw-proxy-log-'));
    writeFileSync(join(folder, 'haproxy.cfg'), config);
    const proxy = spawn('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db']);
    let log = '';
    for (const stream of [proxy.stdout, proxy.stderr]) {
      stream.on('data', (chunk) => {
        log += chunk;
      });
    }
    const url = `http://127.0.0.1:${port}/pay/pi_1?payment_token=pi_1_secret_1`;
    await expect
      .poll(() =>
        fetch(url).then(
          ({ status }) => status,
          () => log,
        ),
      )
      .toBe(200);
    await expect.poll(() => log).toMatch(/ GET \/pay\/pi_1 200 /);
    expect(log).not.toContain('secret');
    const ended = once(proxy, 'exit');
    proxy.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
});

/** The parts of a guide that both languages have in common: the levels of its headings, its code, its links and tables. */
function structureOf(text: string) {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, level]) => level),
    code: text.match(/^```[\s\S]*?^```$/gm) ?? [],
    links: [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, address]) => address).sort(),
    rows: prose.match(/^\|/gm)?.length ?? 0,
    points: prose.match(/^(- |\d+\. )/gm)?.length ?? 0,
  };
}

describe('the folder of guides', () => {
  const names = (folder: URL) => readdirSync(folder).filter((name) => name.endsWith('.md'));
  const JAPANESE = new URL('ja/', FOLDER);

  it('contains exactly the guides of the menu', async () => {
    const landing = await (await fetch(`${gateway.url}/docs`)).text();
    const [, menu = ''] = /<nav[^>]*>([\s\S]*?)<\/nav>/.exec(landing) ?? [];
    const listed = [...menu.matchAll(/href="\/docs\/([a-z-]+)"/g)].map(([, name]) => `${name}.md`);
    expect(listed.filter((name) => name !== 'reference.md').sort()).toEqual(names(FOLDER).sort());
  });

  it('has every guide in Japanese too', () => {
    expect(names(JAPANESE).sort()).toEqual(names(FOLDER).sort());
  });

  it.each(names(FOLDER))('%s has the same headings, code, links, tables and lists in Japanese', (name) => {
    const english = structureOf(readFileSync(new URL(name, FOLDER), 'utf8'));
    const japanese = structureOf(readFileSync(new URL(name, JAPANESE), 'utf8'));
    expect(japanese).toEqual(english);
  });

  it.each(names(FOLDER))('%s is translated: each heading and most of the text are in Japanese', (name) => {
    const prose = readFileSync(new URL(name, JAPANESE), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
    const paragraphs = prose.split(/\n{2,}/).filter((part) => part.length > 120);
    const untranslated = paragraphs.filter((part) => !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(part));
    expect(untranslated).toEqual([]);
  });

  it('is copied to the compiled program', () => {
    for (const name of readdirSync(FOLDER, { recursive: true })) {
      expect(
        existsSync(new URL(`../../../dist/src/web/docs/guides/${name}`, import.meta.url)),
        String(name),
      ).toBe(true);
    }
  });
});

describe('the guide to testing', () => {
  it.each(['testing', 'ja/testing'])('%s lists every magic amount', (name) => {
    const listed = rows(guide(name), /^\| (\d{6}) \|/gm).flat();
    expect(listed).toEqual(MAGIC_AMOUNTS.map(({ amount }) => String(amount)));
  });

  it('its shell works: a payment is paid, the clock moves, a fault is set', async () => {
    const paid = FIRST_PAYMENT.slice(0, 2);
    const output = await paste([...paid, ...shellOf('testing')].join('\n'));
    expect(output).not.toContain('"error"');
    expect(output.match(/"message":/g)?.length).toBeGreaterThanOrEqual(2);
  });
});
