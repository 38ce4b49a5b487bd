/**
 * Serves the payment page of each sample as the gateway does, at `/pay/<name of the sample>`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DomainError } from '../../src/domain/errors.ts';
import { presentQrSvg } from '../../src/http/presenters/qr.ts';
import { accentStyle } from '../../src/web/checkout/accent.ts';
import { findAsset } from '../../src/web/checkout/assets.ts';
import { renderErrorPage } from '../../src/web/checkout/error-page.ts';
import { pageHeaders } from '../../src/web/checkout/headers.ts';
import { renderPaymentPage } from '../../src/web/checkout/page.ts';
import { viewPayment } from '../../src/web/checkout/view.ts';
import { ID, LOGO_PATH, SAMPLES, showSample } from './samples.ts';

/** The pages of errors, by the name that the picture has. */
export const ERRORS = {
  error_link: new DomainError('invalid_token', 'The payment_token is not valid'),
  error_unavailable: new DomainError('provider_unavailable', 'Unavailable'),
} as const;

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" rx="20" fill="#1f3d7a"/><path d="M48 18c14 16 22 24 22 37a22 22 0 0 1-44 0c0-9 5-14 11-20 1 6 4 9 8 10-2-10 0-19 3-27z" fill="#ffb84d"/></svg>`;

interface Served {
  readonly headers: Record<string, string>;
  readonly body: string;
}

export async function startSampleServer(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    // The event stream stays open without events, and a new code never comes, because a sample does not change.
    if (url.pathname.startsWith('/v1/')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    } else if (request.method === 'GET') {
      void respond(url).then(({ headers, body }) => response.writeHead(200, headers).end(body));
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function respond({ pathname, searchParams }: URL): Promise<Served> {
  const name = pathname.split('/').at(-1) ?? '';
  if (pathname === LOGO_PATH) {
    return { headers: { 'Content-Type': 'image/svg+xml' }, body: LOGO };
  }
  if (pathname.startsWith('/assets/')) {
    const { type, content } = findAsset(name);
    return { headers: { 'Content-Type': type }, body: content };
  }
  const language = searchParams.get('lang') === 'en' ? 'en' : 'ja';
  const display = searchParams.get('display') === 'till' ? 'till' : undefined;
  const type = { 'Content-Type': 'text/html; charset=utf-8' };
  if (name in ERRORS) {
    const error = ERRORS[name as keyof typeof ERRORS];
    return {
      headers: { ...type, ...pageHeaders([]) },
      body: renderErrorPage(error, { id: ID, paymentToken: 'x', language, display }),
    };
  }
  const isSandbox = SAMPLES[name]?.isSandbox === true;
  const options = { language, display, paymentToken: `${ID}_secret_x`, isSandbox } as const;
  const shown = showSample(name, language);
  const view = viewPayment(shown, options);
  const headers = { ...type, ...pageHeaders([], accentStyle(shown.shop.branding?.accentColor)) };
  return { headers, body: renderPaymentPage(view, view.code && (await presentQrSvg(view.code.qrContent))) };
}
