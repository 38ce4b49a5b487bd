/** The sandbox's page of the webhooks to the demo merchant, from rows that a gateway would give. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MerchantDelivery } from '../../../src/sandbox/core/options.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { DESKTOP, hasChromium, needsChromium, PHONE, startChromium } from '../../support/chromium.ts';
import { send } from '../support/paypay-client.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

const delivery: MerchantDelivery = {
  createdAt: new Date('2026-01-15T10:01:30.512Z'),
  eventType: 'payment_intent.succeeded',
  objectId: 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
  destination: 'http://localhost:3000/webhooks',
  status: 'succeeded',
  tries: 1,
  lastResponse: 'HTTP 204 after 12 ms',
  nextTryAt: undefined,
};
const failing: MerchantDelivery = {
  ...delivery,
  eventType: 'payment_intent.created',
  status: 'pending',
  tries: 3,
  lastResponse: 'Nothing listens at this address: the connection was refused after 2 ms',
  nextTryAt: new Date('2026-01-15T10:06:30.512Z'),
};

async function start(deliveries: readonly MerchantDelivery[] | undefined): Promise<void> {
  const listMerchantDeliveries = deliveries && (async (limit: number) => deliveries.slice(0, limit));
  sandbox = await startSandbox({
    credentials: [],
    ...(listMerchantDeliveries && { listMerchantDeliveries }),
  });
}

const read = (path: string) => send(`${sandbox.url}${path}`, 'GET', '', {});

describe('the deliveries page', () => {
  test('shows of each delivery its time, event, object, destination, status, tries, last response and next try', async () => {
    await start([delivery, failing]);
    expect((await read('/')).text).toContain('href="/deliveries"');
    const page = await read('/deliveries');
    expect(page.status).toBe(200);
    for (const shown of [...Object.values(delivery), ...Object.values(failing)]) {
      if (shown !== undefined) {
        expect(page.text).toContain(shown instanceof Date ? shown.toISOString() : String(shown));
      }
    }
    expect(page.headers['content-security-policy']).toMatch("default-src 'none'");
  });

  test('shows at most fifty deliveries, and of a long response the beginning', async () => {
    const long = { ...delivery, lastResponse: 'x'.repeat(2_000) };
    await start(Array.from({ length: 60 }, () => long));
    const { text } = await read('/deliveries');
    expect(text.match(/<td>payment_intent/g)).toHaveLength(50);
    expect(text).toContain('x'.repeat(300));
    expect(text).not.toContain('x'.repeat(301));
  });

  test('escapes what a receiver has responded', async () => {
    await start([{ ...delivery, lastResponse: 'HTTP 500: <script>alert(1)</script>' }]);
    const { text } = await read('/deliveries');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('<script>');
  });

  test('says how to get deliveries when there are none', async () => {
    await start([]);
    const { text } = await read('/deliveries');
    for (const way of ['POST /v1/webhook_endpoints', 'SANDBOX_WEBHOOK_URL', 'pgw listen --forward-to']) {
      expect(text).toContain(way);
    }
  });

  test('does not exist where no gateway runs in the same process', async () => {
    await start(undefined);
    expect((await read('/')).text).not.toContain('/deliveries');
    expect((await read('/deliveries')).status).toBe(404);
  });

  test('cannot be read through a DNS name that resolves to this machine', async () => {
    await start([delivery]);
    expect((await send(`${sandbox.url}/deliveries`, 'GET', '', { host: 'evil.example' })).status).toBe(403);
  });

  test.skipIf(!hasChromium)(
    `is accessible and as wide as the window, empty and full, on phones and desktops, light and dark${needsChromium}`,
    { timeout: 120_000 },
    async () => {
      const browser = await startChromium();
      try {
        for (const deliveries of [[], [delivery, failing]]) {
          await start(deliveries);
          for (const viewport of [PHONE, DESKTOP]) {
            for (const colorScheme of ['light', 'dark'] as const) {
              const opened = await browser.open(`${sandbox.url}/deliveries`, { viewport, colorScheme });
              expect(await opened.overflow()).toBe(0);
              expect(await opened.accessibilityFaults()).toEqual([]);
              expect(opened.faults).toEqual([]);
              await opened.close();
            }
          }
          await sandbox.close();
        }
      } finally {
        await browser.close();
      }
    },
  );
});
