/**
 * The client as installed in a merchant's project: from the packed package, with its types and openapi-fetch only.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Consumer, createConsumer } from '../support/consumer.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The compiler is slow on a busy machine. */
const COMPILING_MS = 120_000;

let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(['openapi-fetch', 'openapi-typescript-helpers', '@types', 'undici-types']);
});
afterAll(() => consumer.remove());

/** The compiler's output for a merchant's source. */
function compile(source: string): string {
  consumer.write('shop.ts', source);
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    'false',
  ];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return spawnSync('node', [tsc, ...options, 'shop.ts'], { cwd: consumer.folder, encoding: 'utf8' }).stdout;
}

const INPUT = "amount: 1000, currency: 'JPY', merchant_ref_id: 'order_1'";
const shop = (methods: string, use = '') => `
  import { createClient, PgwError } from 'mpac-pgw/client';
  const pgw = createClient({ baseUrl: 'http://localhost:1', credentials: { apiKey: 'a', secretKey: 's' } });
  const intent = await pgw.createPaymentIntent({ ${INPUT}, payment_method_types: [${methods}] });
  ${use}`;

describe('the packed client', () => {
  it(
    'compiles in a strict project that checks its libraries',
    () => {
      const use =
        "const token: string = intent.payment_token; if (intent.status === 'succeeded') console.log(token, PgwError);";
      expect(compile(shop("'qr_mpm'", use))).toBe('');
    },
    COMPILING_MS,
  );

  it(
    'makes the compiler reject what is not in the contract',
    () => {
      expect(compile(shop("'card'"))).toContain(`'"card"' is not assignable`);
      expect(compile(shop("'qr_mpm'", 'intent.paid;'))).toContain("Property 'paid' does not exist");
      expect(compile(shop("'qr_mpm'", "intent.status === 'paid';"))).toContain('have no overlap');
    },
    COMPILING_MS,
  );

  it('runs', () => {
    const use = "import('mpac-pgw/client').then((client) => console.log(Object.keys(client).join()))";
    const { stdout } = spawnSync('node', ['-e', use], { cwd: consumer.folder, encoding: 'utf8' });
    expect(stdout.trim()).toBe('PgwConnectionError,PgwError,PgwWaitError,createClient');
  });

  it('exports nothing else of the package', () => {
    const { stderr } = spawnSync('node', ['-e', "import('mpac-pgw/dist/src/deps.js')"], {
      cwd: consumer.folder,
      encoding: 'utf8',
    });
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
