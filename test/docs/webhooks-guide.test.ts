/**
 * The receiver with which the guide "Webhooks" begins: it compiles in a merchant's project, accepts what is signed and
 * refuses the rest. The guide's table has the types of events that exist.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MERCHANT_EVENT_TYPES } from '../../src/domain/merchant-events.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { newSigningKey } from '../../src/lib/webhooks/keys.ts';
import { signatureHeader } from '../../src/lib/webhooks/signature.ts';
import { type Consumer, createClientConsumer } from '../support/consumer.ts';
import { sequenceUntil } from '../support/feed.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SLOW_MS = 120_000;
const MAX_LINES = 15;

const guide = readFileSync(join(ROOT, 'src/web/docs/guides/webhooks.md'), 'utf8');
const [, receiver = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(guide) ?? [];
const [follower = ''] = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  .map(([, code = '']) => code)
  .filter((code) => code.includes('eachEvent'));
const [, event = ''] = /^```json\n([\s\S]*?)^```$/m.exec(guide) ?? [];

/** The functions that the reader provides. Here they keep the cursor in a file. */
const PROVIDED_BY_THE_READER = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Event } from 'mpac-pgw-client';

async function loadCursor(): Promise<string | undefined> {
  return existsSync('cursor') ? readFileSync('cursor', 'utf8') : undefined;
}
async function saveCursor(cursor: string): Promise<void> {
  writeFileSync('cursor', cursor);
  console.log('saved');
}
async function apply({ data }: Event): Promise<void> {
  console.log(data.payment_intent?.id);
}`;

/** What the compiler reports about a file in a strict project of a merchant. */
function compileErrors(file: string): string {
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return spawnSync('node', [tsc, ...options, file], { cwd: consumer.folder, encoding: 'utf8' }).stdout;
}

let consumer: Consumer;
beforeAll(() => {
  consumer = createClientConsumer();
});
afterAll(() => consumer.remove());

describe('the receiver of the guide', () => {
  it(`has at most ${MAX_LINES} lines`, () => {
    expect(receiver.trim().split('\n').length).toBeLessThanOrEqual(MAX_LINES);
  });

  it(
    'compiles in a strict project',
    () => {
      consumer.write('receiver.ts', receiver);
      expect(compileErrors('receiver.ts')).toBe('');
    },
    SLOW_MS,
  );

  it('accepts a signed event and refuses a changed one', { timeout: SLOW_MS }, async () => {
    const secret = newSigningKey('hmac');
    const port = await findFreePort();
    const [module, target] = [ts.ModuleKind.ESNext, ts.ScriptTarget.ES2022];
    consumer.write('receiver.mjs', ts.transpile(receiver, { module, target }));
    const child = spawn('node', ['receiver.mjs'], {
      cwd: consumer.folder,
      env: { PATH: process.env['PATH'], PORT: String(port), WEBHOOK_SECRET: secret },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    try {
      const timestamp = Math.floor(Date.now() / 1_000);
      const { id } = JSON.parse(event);
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatureHeader([secret], id, timestamp, event),
      };
      const send = (body: string) =>
        fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body }).then(
          ({ status }) => status,
          () => 'not yet',
        );
      await expect.poll(() => send(event), { timeout: 60_000 }).toBe(204);
      expect(await send(event.replace('1000', '9000'))).toBe(400);
      await expect.poll(() => output).toContain('payment_intent.succeeded order_12345');
    } finally {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
  });
});

describe('the sample of the guide that catches up', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it('compiles in a strict project', { timeout: SLOW_MS }, () => {
    consumer.write('follower.ts', follower + PROVIDED_BY_THE_READER);
    expect(compileErrors('follower.ts')).toBe('');
  });

  it('applies every event once, and after a restart only what has happened since', {
    timeout: SLOW_MS,
  }, async () => {
    const merchant = await gateway.newMerchant();
    const code = follower
      .replace('http://localhost:8080', gateway.url)
      .replace("'ak_...'", JSON.stringify(merchant.apiKey))
      .replace("'sk_...'", JSON.stringify(merchant.secretKey));
    const [module, target] = [ts.ModuleKind.ESNext, ts.ScriptTarget.ES2022];
    consumer.write('follower.mjs', ts.transpile(code + PROVIDED_BY_THE_READER, { module, target }));
    const first = await gateway.newIntent(merchant);
    await sequenceUntil(gateway, merchant, 1);
    expect(await followUntil(first.id)).toEqual([first.id]);
    const second = await gateway.newIntent(merchant);
    await sequenceUntil(gateway, merchant, 2);
    expect(await followUntil(second.id)).toEqual([second.id]);
  });

  /** Runs the program until it has applied an event of this intent and stored the cursor. @returns the intents of what it applied */
  async function followUntil(intentId: string): Promise<string[]> {
    const child = spawn('node', ['follower.mjs'], {
      cwd: consumer.folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    try {
      await expect.poll(() => output, { timeout: 60_000 }).toMatch(new RegExp(`${intentId}\nsaved`));
    } finally {
      child.kill();
      await ended;
    }
    return [...output.matchAll(/pi_\w+/g)].map(([id]) => id);
  }
});

describe('the guide', () => {
  it('says of each type of event when it is sent', () => {
    const listed = [
      ...guide.matchAll(/^\| `((?:payment_intent|refund|webhook_endpoint|merchant)\.\w+|ping)` \|/gm),
    ];
    expect(listed.map(([, type]) => type)).toEqual([...MERCHANT_EVENT_TYPES]);
  });
});
