/**
 * The sample in docs/client.md: it compiles in a merchant's project and makes a payment there.
 */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Runner, startWorkers } from '../../src/workers/runner.ts';
import { createWorkers } from '../../src/workers/workers.ts';
import { type Consumer, createClientConsumer } from '../support/consumer.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SLOW_MS = 120_000;

const chapter = readFileSync(join(ROOT, 'docs/client.md'), 'utf8');
const sample = [...chapter.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code).join('\n');

/** The function that the reader provides. Here it pays a QR code as the payer would, and prints everything else. */
const SHOW = `
async function show(text: string): Promise<void> {
  if (!text.startsWith('http')) return console.log(text);
  const body = JSON.stringify({ qr_content: text });
  const headers = { 'Content-Type': 'application/json' };
  await fetch(new URL('/_control/pay', text), { method: 'POST', headers, body });
}`;

let consumer: Consumer;
beforeAll(() => {
  consumer = createClientConsumer();
});
afterAll(() => consumer.remove());

describe('the sample of the client', () => {
  it(
    'compiles in a strict project',
    () => {
      consumer.write('shop.ts', sample + SHOW);
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--skipLibCheck',
      ];
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      const { stdout } = spawnSync('node', [tsc, ...options, 'shop.ts'], {
        cwd: consumer.folder,
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
    },
    SLOW_MS,
  );

  describe('against a gateway', () => {
    let gateway: TestGateway;
    let runner: Runner;
    beforeAll(async () => {
      gateway = await startTestGateway();
      runner = startWorkers(createWorkers(gateway.deps), gateway.deps);
    });
    afterAll(async () => {
      await runner.stop();
      await gateway.close();
    });

    it(
      'makes a payment, refunds a part of it, cannot cancel it any more, and retrieves it as the payer',
      async () => {
        const { ESNext: module } = ts.ModuleKind;
        const { ES2022: target } = ts.ScriptTarget;
        consumer.write('shop.mjs', ts.transpile(sample + SHOW, { module, target }));
        const { apiKey, secretKey } = await gateway.newMerchant();
        const env = {
          PATH: process.env['PATH'],
          PGW_BASE_URL: gateway.url,
          PGW_API_KEY: apiKey,
          PGW_SECRET_KEY: secretKey,
        };
        const options = { cwd: consumer.folder, env };
        const { stdout } = await promisify(execFile)('node', ['shop.mjs'], options);
        expect(stdout.trim().split('\n')).toEqual([
          'succeeded',
          'refunded',
          'too late, it is paid',
          'succeeded',
          '1000 JPY',
        ]);
      },
      SLOW_MS,
    );
  });
});
