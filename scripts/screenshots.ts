/**
 * Takes screenshots of the payment page for visual review: every state and size, light and dark, in both languages.
 * Needs Chromium, and fonts-noto-cjk for Japanese. Renders the page as the gateway does, from sample payments.
 *
 *   npm run screenshots -- <folder> [words that the names must contain]
 */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DomainError } from '../src/domain/errors.ts';
import type { PaymentIntent } from '../src/domain/payment.ts';
import { presentQrSvg } from '../src/http/presenters/qr.ts';
import { systemClock } from '../src/lib/clock.ts';
import type { ShownPayment } from '../src/services/operations/show-payment-page.ts';
import { findAsset } from '../src/web/checkout/assets.ts';
import { renderErrorPage } from '../src/web/checkout/error-page.ts';
import { pageHeaders } from '../src/web/checkout/headers.ts';
import { renderPaymentPage } from '../src/web/checkout/page.ts';
import { viewPayment } from '../src/web/checkout/view.ts';
import { startChromium } from '../test/support/chromium.ts';

const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 1024, height: 768 },
  till: { width: 1024, height: 600 },
} as const;
const ID = 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q';
const now = systemClock.now();

const PAID = {
  status: 'succeeded',
  succeededAt: now,
  paymentMethodType: 'qr_mpm',
  providerPaymentId: undefined,
  amountCaptured: 12_480,
} as const;

interface Sample extends Partial<PaymentIntent> {
  readonly hasCode?: boolean;
  readonly refunds?: ShownPayment['refunds'];
}

const STATES: Readonly<Record<string, Sample>> = {
  ready: { status: 'requires_payment_method' },
  scan: { status: 'requires_action', hasCode: true },
  processing: { status: 'processing' },
  failed: { status: 'requires_payment_method', lastPaymentError: { code: 'payment_failed', message: '' } },
  paid: PAID,
  refund_pending: { ...PAID, amountRefunded: 4_980, refunds: { succeeded: 1_480, pending: 3_500 } },
  partly_refunded: { ...PAID, amountRefunded: 1_480, refunds: { succeeded: 1_480, pending: 0 } },
  refunded: { ...PAID, amountRefunded: 12_480, refunds: { succeeded: 12_480, pending: 0 } },
  cancelled: { status: 'cancelled', cancelledAt: now },
  expired: { status: 'expired', expiredAt: now },
  cash: { status: 'requires_payment_method', paymentMethodTypes: ['cash'] },
};

const [folder = 'screenshots', ...words] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  // The event stream stays open without events, because the state of a sample payment does not change.
  if (url.pathname.startsWith('/v1/')) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  } else {
    void answer(url).then(({ headers, body }) => response.writeHead(200, headers).end(body));
  }
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const browser = await startChromium();
try {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const lang of ['ja', 'en']) {
        for (const state of [...Object.keys(STATES), 'error']) {
          const name = `${state}-${size}-${lang}-${colorScheme}`;
          if (words.every((word) => name.includes(word))) {
            await take(name, { state, size, viewport, colorScheme, lang });
          }
        }
      }
    }
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}

interface Picture {
  readonly state: string;
  readonly size: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
  readonly lang: string;
}

async function take(name: string, { state, size, viewport, colorScheme, lang }: Picture): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/pay/${state}?payment_token=x&lang=${lang}${size === 'till' ? '&display=till' : ''}`;
  // In this state the page's script would confirm the payment at once.
  const javaScriptEnabled = state !== 'ready';
  const opened = await browser.open(url, { viewport, colorScheme, javaScriptEnabled });
  await opened.page.screenshot({ path: join(folder, `${name}.png`), fullPage: size === 'phone' });
  await opened.close();
}

async function answer({
  pathname,
  searchParams,
}: URL): Promise<{ headers: Record<string, string>; body: string }> {
  const name = pathname.split('/').at(-1) ?? '';
  if (pathname.startsWith('/assets/')) {
    const { type, content } = findAsset(name);
    return { headers: { 'Content-Type': type }, body: content };
  }
  const language = searchParams.get('lang') === 'en' ? 'en' : 'ja';
  const display = searchParams.get('display') === 'till' ? 'till' : undefined;
  const headers = { 'Content-Type': 'text/html; charset=utf-8', ...pageHeaders([]) };
  if (name === 'error') {
    const error = new DomainError('invalid_token', 'The payment_token is not valid');
    return { headers, body: renderErrorPage(error, { id: ID, paymentToken: 'x', language, display }) };
  }
  const view = viewPayment(shownIn(name, language), {
    language,
    display,
    paymentToken: `${ID}_secret_x`,
    isSandbox: false,
  });
  return { headers, body: renderPaymentPage(view, view.code && (await presentQrSvg(view.code.qrContent))) };
}

function shownIn(state: string, language: string): ShownPayment {
  const { hasCode = false, refunds = { succeeded: 0, pending: 0 }, ...fields } = STATES[state] ?? {};
  const isJapanese = language === 'ja';
  const intent: PaymentIntent = {
    id: ID,
    merchantId: 'merchant_001',
    merchantStoreId: 'store_001',
    merchantTerminalId: undefined,
    merchantRefId: 'order_12345',
    description: isJapanese ? '焼き鳥盛り合わせ ほか3点' : 'Yakitori platter and 3 more',
    returnUrl: undefined,
    amount: 12_480,
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm'],
    status: 'requires_payment_method',
    paymentMethodType: undefined,
    providerPaymentId: undefined,
    amountCaptured: undefined,
    amountRefunded: 0,
    lastPaymentError: undefined,
    createdAt: now,
    expiresAt: new Date(now.getTime() + 1_800_000),
    succeededAt: undefined,
    cancelledAt: undefined,
    expiredAt: undefined,
    ...fields,
  };
  const code = {
    intentId: ID,
    provider: 'PAYPAY' as const,
    qrContent: 'https://qr.paypay.ne.jp/28180104AbCdEfGhIjKlMnOp',
    deeplink: 'paypay://payment?link_key=https%3A%2F%2Fqr.paypay.ne.jp%2F28180104AbCdEfGhIjKlMnOp',
    expiresAt: new Date(now.getTime() + 300_000),
  };
  const shop = {
    merchantName: isJapanese ? '炭火焼鳥 とり源' : 'Torigen Yakitori',
    storeName: isJapanese ? '神田店' : 'Kanda',
    timeZone: 'Asia/Tokyo',
    checkoutFrameAncestors: [],
    branding: {
      displayName: undefined,
      logoPath: undefined,
      accentColor: undefined,
      supportPhone: undefined,
      supportEmail: undefined,
    },
  };
  return {
    intent,
    shop,
    payableMethods: intent.paymentMethodTypes,
    code: hasCode ? code : undefined,
    hadCode: true,
    isRenewing: false,
    refunds,
    providerPaymentId: undefined,
    now,
  };
}
