/**
 * The client as installed in a merchant's project: from the packed package, with its types and openapi-fetch only.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Consumer, createConsumer } from '../support/consumer.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(['openapi-fetch', 'openapi-typescript-helpers', '@types/node', 'undici-types']);
});
afterAll(() => consumer.remove());

/** Compiles the files of a merchant's source together; @returns the compiler's output for each. */
function compile<Name extends string>(sources: Readonly<Record<Name, string>>): Record<Name, string> {
  const names = Object.keys(sources) as Name[];
  for (const name of names) {
    consumer.write(`${name}.ts`, sources[name]);
  }
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
  const { stdout } = spawnSync('node', [tsc, ...options, ...names.map((name) => `${name}.ts`)], {
    cwd: consumer.folder,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n');
  const ofNone = lines.filter((line) => line !== '' && !names.some((name) => line.startsWith(`${name}.ts(`)));
  const outputOf = (name: Name) =>
    lines
      .filter((line) => line.startsWith(`${name}.ts(`))
      .concat(ofNone)
      .join('\n');
  return Object.fromEntries(names.map((name) => [name, outputOf(name)])) as Record<Name, string>;
}

const INPUT = "amount: 1000, currency: 'JPY', merchant_ref_id: 'order_1'";
const receiver = (use: string) => `
  import { type Event, verifyWebhook } from 'mpac-pgw/client';
  const event: Event = await verifyWebhook(new Uint8Array(), new Headers(), ['whsec_AAAA']);
  ${use}`;
const shop = (methods: string, use = '') => `
  import { createClient, PgwError } from 'mpac-pgw/client';
  const pgw = createClient({ baseUrl: 'http://localhost:1', credentials: { apiKey: 'a', secretKey: 's' } });
  const intent = await pgw.createPaymentIntent({ ${INPUT}, payment_method_types: [${methods}] });
  ${use}`;

describe('the packed client', () => {
  it('compiles in a strict project that checks its libraries, which rejects what is not in the contract', () => {
    const use =
      "const token: string = intent.payment_token; if (intent.status === 'succeeded') console.log(token, PgwError);";
    expect(
      compile({
        right: shop("'qr_mpm'", use),
        method: shop("'card'"),
        property: shop("'qr_mpm'", 'intent.paid;'),
        status: shop("'qr_mpm'", "intent.status === 'paid';"),
        webhook: receiver('const version: number | undefined = event.data.payment_intent?.version; version;'),
        secretOfEvent: receiver('event.data.payment_intent?.payment_token;'),
        refund: shop(
          "'qr_mpm'",
          'const refund = await pgw.createRefund({ payment_intent_id: intent.id }); console.log(refund.failure?.code);',
        ),
        refundReason: shop(
          "'qr_mpm'",
          "await pgw.createRefund({ payment_intent_id: intent.id, reason: 'unhappy' });",
        ),
        feed: shop(
          "'qr_mpm'",
          'for await (const { event, cursor } of pgw.eachEvent()) console.log(event.id, cursor);',
        ),
      }),
    ).toEqual({
      right: '',
      method: expect.stringContaining(`'"card"' is not assignable`),
      property: expect.stringContaining("Property 'paid' does not exist"),
      status: expect.stringContaining('have no overlap'),
      webhook: '',
      secretOfEvent: expect.stringContaining("Property 'payment_token' does not exist"),
      refund: '',
      refundReason: expect.stringContaining(`'"unhappy"' is not assignable`),
      feed: '',
    });
  });

  it('runs', () => {
    const use = "import('mpac-pgw/client').then((client) => console.log(Object.keys(client).join()))";
    const { stdout } = spawnSync('node', ['-e', use], { cwd: consumer.folder, encoding: 'utf8' });
    expect(stdout.trim()).toBe(
      'PgwConnectionError,PgwCursorExpiredError,PgwError,PgwRefundWaitError,PgwWaitError,PgwWebhookError,createClient,verifyWebhook',
    );
  });

  it('exports nothing else of the package', () => {
    const { stderr } = spawnSync('node', ['-e', "import('mpac-pgw/dist/src/deps.js')"], {
      cwd: consumer.folder,
      encoding: 'utf8',
    });
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
