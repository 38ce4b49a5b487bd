/**
 * The client's own package, as `npm run pack:client` makes it, in a merchant's project: as an ES module and as CommonJS.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Consumer, createClientConsumer } from '../support/consumer.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let consumer: Consumer;

beforeAll(() => {
  consumer = createClientConsumer();
});
afterAll(() => consumer.remove());

const readManifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

describe('the package of the client', () => {
  it('has the version of the gateway, brings openapi-fetch only, and explains itself', () => {
    const gateway = readManifest(ROOT);
    const folder = join(consumer.folder, 'node_modules/mpac-pgw-client');
    expect(readManifest(folder)).toMatchObject({
      name: 'mpac-pgw-client',
      version: gateway.version,
      license: gateway.license,
      sideEffects: false,
      dependencies: { 'openapi-fetch': gateway.dependencies['openapi-fetch'] },
    });
    expect(existsSync(join(folder, 'LICENSE'))).toBe(true);
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme).toContain("from 'mpac-pgw-client'");
    // A link to another file of this project leads nowhere in the package.
    expect(readme).not.toMatch(/\]\((?!#|https?:)/);
  });

  const shop = (use: string) => `
    import { createClient, type PaymentIntent, PgwError, verifyWebhook } from 'mpac-pgw-client';
    const pgw = createClient({ baseUrl: 'http://localhost:1', credentials: { apiKey: 'a', secretKey: 's' } });
    export async function run(intent: PaymentIntent): Promise<void> {
      const { data } = await pgw.api.GET('/v1/payment_intents/{id}', { params: { path: { id: intent.id } } });
      console.log(data?.merchant_ref_id, PgwError, verifyWebhook);
      ${use}
    }`;

  it.each([
    ['Node', ['mts', 'cts'], ['--module', 'node16', '--skipLibCheck', 'false']],
    ['bundlers', ['ts'], ['--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck']],
  ])('has types as %s resolve them, which reject what is not in the contract', (_, extensions, options) => {
    for (const extension of extensions) {
      consumer.write(`right.${extension}`, shop("if (intent.status === 'succeeded') console.log(intent);"));
      consumer.write(`wrong.${extension}`, shop("if (intent.status === 'paid') console.log(intent);"));
    }
    const files = extensions.flatMap((extension) => [`right.${extension}`, `wrong.${extension}`]);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const strict = ['--noEmit', '--strict', '--target', 'es2022'];
    const args = [tsc, ...strict, '--lib', 'es2022', '--types', 'node', ...options, ...files];
    const { stdout } = spawnSync('node', args, { cwd: consumer.folder, encoding: 'utf8' });
    const faults = stdout.split('\n').filter((line) => /^\S/.test(line));
    const inWrong = (extension: string) =>
      expect.stringMatching(new RegExp(`^wrong\\.${extension}\\(.*have no overlap`));
    expect(faults.sort()).toEqual([...extensions].sort().map(inWrong));
  });

  describe('against a gateway', () => {
    let gateway: TestGateway;
    beforeAll(async () => {
      gateway = await startTestGateway();
    });
    afterAll(() => gateway.close());

    const pay = `
      const pgw = createClient({ baseUrl: process.env.PGW_BASE_URL, credentials: JSON.parse(process.env.KEYS) });
      async function main() {
        const intent = await pgw.createPaymentIntent({
          amount: 1000, currency: 'JPY', payment_method_types: ['cash'], merchant_ref_id: 'order_1',
        });
        await pgw.capturePaymentIntent(intent.id);
        console.log((await pgw.waitForPayment(intent.id)).status);
        await pgw.retrievePaymentIntent('pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q').catch((error) => {
          console.log(error instanceof PgwError, error.code);
        });
      }
      main();`;

    it.each([
      ['imported as an ES module', 'pay.mjs', "import { createClient, PgwError } from 'mpac-pgw-client';"],
      ['required as CommonJS', 'pay.cjs', "const { createClient, PgwError } = require('mpac-pgw-client');"],
    ])('makes a payment when it is %s', async (_, name, load) => {
      const { apiKey, secretKey } = await gateway.newMerchant();
      consumer.write(name, load + pay);
      const env = {
        PATH: process.env['PATH'],
        PGW_BASE_URL: gateway.url,
        KEYS: JSON.stringify({ apiKey, secretKey }),
      };
      const { stdout } = await promisify(execFile)('node', [name], { cwd: consumer.folder, env });
      expect(stdout).toBe('succeeded\ntrue not_found\n');
    });
  });
});
