import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presentQrPng } from '../../../src/http/presenters/qr.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { quietZoneOf, readQrPng, readQrSvg } from '../../support/qr.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

interface Intent {
  readonly id: string;
  readonly token: string;
}

function picture({ id, token }: Intent, kind: 'svg' | 'png', more = '') {
  return gateway.request('GET', `/v1/payment_intents/${id}/qr.${kind}?payment_token=${token}${more}`);
}

async function confirmed(): Promise<{ intent: Intent; content: string }> {
  const intent = await gateway.newIntent(merchant);
  const { body } = await gateway.confirm(intent);
  return { intent, content: body.qr_content };
}

describe.each(['svg', 'png'] as const)('GET /v1/payment_intents/{id}/qr.%s', (kind) => {
  const path = (id: string) => `/v1/payment_intents/${id}/qr.${kind}`;

  it('must not be cached, and may be shown on any page', async () => {
    const { intent } = await confirmed();
    const { status, headers } = await picture(intent, kind);
    expect([status, headers.get('Content-Type')]).toEqual([
      200,
      kind === 'svg' ? 'image/svg+xml' : 'image/png',
    ]);
    expect(headers.get('Cache-Control')).toBe('no-store');
    const fromPage = await gateway.request('GET', `${path(intent.id)}?payment_token=${intent.token}`, {
      headers: { Origin: 'https://shop.example' },
    });
    expect(fromPage.headers.get('Access-Control-Allow-Origin')).toBe('*');
  });

  it('is returned only for the signature of its merchant or for its own token', async () => {
    const { intent } = await confirmed();
    const other = await gateway.newMerchant();
    expect((await gateway.request('GET', path(intent.id), { as: merchant })).status).toBe(200);
    expect((await gateway.request('GET', path(intent.id), { as: other })).status).toBe(404);
    expect((await gateway.request('GET', path(intent.id))).status).toBe(401);
    expect((await gateway.request('GET', `${path(intent.id)}?payment_token=x`)).body.code).toBe(
      'invalid_token',
    );
  });

  it('is at the link that confirm returns, with the token appended', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    const response = await fetch(`${body[`qr_${kind}_url`]}?payment_token=${intent.token}`);
    expect(response.status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('_secret_');
  });

  it('is refused before a code is live, after it lapsed and after the end; an old code is never shown', async () => {
    const intent = await gateway.newIntent(merchant);
    const refused = async () => {
      const { status, body } = await picture(intent, kind);
      expect([status, body.code, body.details.constraint]).toEqual([
        400,
        'invalid_request',
        'unexpected_state',
      ]);
      return body.details;
    };
    expect(await refused()).toMatchObject({
      status: 'requires_payment_method',
      allowed: ['requires_action'],
    });
    await gateway.confirm(intent);
    await clock.advance(5 * 60_000);
    expect(await refused()).toMatchObject({ status: 'requires_action' });
    await clock.advance(11_000);
    await gateway.runPasses('attempts');
    expect(await refused()).toMatchObject({ status: 'requires_payment_method' });
    await gateway.confirm(intent);
    expect((await picture(intent, kind)).status).toBe(200);
    await gateway.request('POST', `/v1/payment_intents/${intent.id}/cancel`, { as: merchant });
    expect(await refused()).toMatchObject({ status: 'cancelled' });
  });
});

describe('the picture', () => {
  it('as SVG encodes qr_content at any size, and declares no size', async () => {
    const { intent, content } = await confirmed();
    const { body } = await picture(intent, 'svg');
    for (const width of [100, 333, 1_000]) {
      expect(readQrSvg(body, width)).toBe(content);
    }
    expect(body).not.toMatch(/<svg[^>]* width=/);
  });

  it.each([128, 200, 333, 512, 1024])(
    'as PNG of %i pixels is that large, says qr_content and has a quiet zone',
    async (size) => {
      const { intent, content } = await confirmed();
      const { bytes } = await picture(intent, 'png', `&size=${size}`);
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([size, size]);
      expect(readQrPng(bytes)).toBe(content);
      const { rows, columns } = quietZoneOf(bytes);
      expect(rows).toBe(columns);
      // At least four modules, of a code that is 45 modules wide with its margins.
      expect(rows).toBeGreaterThanOrEqual(Math.floor((4 * size) / 61));
    },
  );

  it('is 512 pixels wide by default, and from 128 to 1024 on request', async () => {
    const { intent } = await confirmed();
    expect((await picture(intent, 'png')).bytes.readUInt32BE(16)).toBe(512);
    for (const size of ['127', '1025', '0', '-1', 'x', '512.5', '1e9']) {
      const { status, body } = await picture(intent, 'png', `&size=${size}`);
      expect([status, body.details.field]).toEqual([400, 'size']);
    }
  });

  it('is cheap as PNG: one bit per pixel, drawn once and cached', () => {
    const content = 'https://qr.paypay.example/code';
    const png = presentQrPng(content, 1024);
    // Depth and colour type of the header: one bit, grey.
    expect([png[24], png[25]]).toEqual([1, 0]);
    expect(png.length).toBeLessThan(8_000);
    expect(presentQrPng(content, 1024)).toBe(png);
    for (let n = 0; n < 600; n += 1) {
      presentQrPng(`${content}/${n}`, 128);
    }
    const drawnAgain = presentQrPng(content, 1024);
    expect(drawnAgain).not.toBe(png);
    expect(drawnAgain).toEqual(png);
  });
});
