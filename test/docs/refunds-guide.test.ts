/**
 * The guide "Refunds": its sample in TypeScript compiles in a merchant's project and refunds a payment there, and its tables
 * have what the contract and the code have. Its shell is tested with that of the other guides.
 */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFUND_FAILURE_CODES } from '../../src/providers/paypay/refund-failures.ts';
import { type Runner, startWorkers } from '../../src/workers/runner.ts';
import { createWorkers } from '../../src/workers/workers.ts';
import { type Consumer, createClientConsumer } from '../support/consumer.ts';
import { contract } from '../support/contract.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { newPaidIntent } from '../support/refunds.ts';
import { readSource } from '../support/source-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SLOW_MS = 120_000;

const guide = readFileSync(join(ROOT, 'src/web/docs/guides/refunds.md'), 'utf8');
const [, sample = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(guide) ?? [];

/** The first cells of the table whose head begins with `head`. */
function cellsBelow(head: string): string[] {
  const [, table = ''] = guide.split(`\n| ${head} |`);
  const [rows = ''] = table.split('\n\n');
  return [...rows.matchAll(/^\| `([\w]+)` \|/gm)].map(([, cell = '']) => cell).sort();
}

function enumOf(property: string): string[] {
  const schemas = contract.components?.schemas as unknown as {
    Refund: { properties: Record<string, { enum?: string[] }> };
  };
  return [...(schemas.Refund.properties[property]?.enum ?? [])].sort();
}

describe('the tables of the guide', () => {
  it('explain every status, pending reason and origin of the contract', () => {
    expect(cellsBelow('`status`')).toEqual(enumOf('status'));
    expect(cellsBelow('`pending_reason`')).toEqual(enumOf('pending_reason'));
    expect(cellsBelow('`origin`')).toEqual(enumOf('origin'));
  });

  it('explain every failure that PayPay can cause', () => {
    expect(cellsBelow('`failure.code`')).toEqual([...REFUND_FAILURE_CODES].sort());
  });

  it('explain every constraint with which a refund is refused', () => {
    const { text } = readSource('src/domain/refunds/refund-refusals.ts');
    const refusals = new Set([...text.matchAll(/invalidField\('\w+', '(\w+)'/g)].map(([, name]) => name));
    expect(refusals.size).toBeGreaterThan(3);
    expect(cellsBelow('constraint')).toEqual([...refusals, 'unexpected_state'].sort());
  });
});

describe('the sample of the guide', () => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = createClientConsumer();
  });
  afterAll(() => consumer.remove());

  it('compiles in a strict project', { timeout: SLOW_MS }, () => {
    consumer.write('refund.ts', sample);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const run = spawnSync('node', [tsc, ...options, 'refund.ts'], { cwd: consumer.folder, encoding: 'utf8' });
    expect(run.stdout).toBe('');
  });

  // Started after the compiler, which blocks this process.
  describe('against a gateway', () => {
    let gateway: TestGateway;
    let runner: Runner;
    beforeAll(async () => {
      gateway = await startTestGateway({ sandbox: { refundDelaySeconds: 0 } });
      runner = startWorkers(createWorkers(gateway.deps), gateway.deps);
    });
    afterAll(async () => {
      await runner.stop();
      await gateway.close();
    });

    it('refunds a payment and says so', { timeout: SLOW_MS }, async () => {
      const merchant = await gateway.newMerchant();
      const intent = await newPaidIntent(gateway, merchant);
      const code = sample
        .replace('http://localhost:8080', gateway.url)
        .replace("'ak_...'", JSON.stringify(merchant.apiKey))
        .replace("'sk_...'", JSON.stringify(merchant.secretKey))
        // The machine of the test may be slow.
        .replace('20_000', '60_000');
      const [module, target] = [ts.ModuleKind.ESNext, ts.ScriptTarget.ES2022];
      const program = `${ts.transpile(code, { module, target })}\nconsole.log(await refund('${intent.id}'));`;
      consumer.write('refund.mjs', program);
      const { stdout } = await promisify(execFile)('node', ['refund.mjs'], { cwd: consumer.folder });
      expect(stdout.trim()).toBe('The payer has the money');
      expect((await gateway.retrieve(intent)).body).toMatchObject({ amount_refundable: 0 });
    });
  });
});
