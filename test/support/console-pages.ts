/**
 * Every page of the console, with an address that shows a sample. A new GET route without an entry does not compile.
 */
import type { BrowserContextOptions } from 'playwright-core';
import type { ROUTES, RouteId } from '../../src/console/routes.ts';
import type { ConsoleClient } from './console.ts';
import type { ConsoleSamples } from './console-samples.ts';

type GetRouteId = { [Id in RouteId]: (typeof ROUTES)[Id]['method'] extends 'GET' ? Id : never }[RouteId];

type Path = string | ((samples: ConsoleSamples) => string);

/** Pages that need a press of a button to be seen as a picture. */
const PRESSED: Readonly<Record<string, string>> = {
  'payment-compared': 'form[action$="/refresh"] button',
  'payment-refund-form': 'details.act.grave > summary',
};

export interface ConsolePage {
  readonly name: string;
  path(samples: ConsoleSamples): string;
  /** What is pressed on it before it is looked at. */
  readonly press: string | undefined;
}

/** By route, then by what they show. Without any: no page, or a page of its own tests. */
const PATHS: Readonly<Record<GetRouteId, Readonly<Record<string, Path>>>> = {
  getAsset: {},
  showSignIn: {},
  finishOidc: {},
  showDemoLink: {},
  showInvitation: {},
  exportPayments: {},
  showExportProgress: {},
  exportAudit: {},
  showAccount: { account: '/account' },
  showHome: { home: '/' },
  search: {
    'search-shops': '/search?q=%E5%BA%97',
    'search-none': '/search?q=nothing',
    'search-amount': '/search?q=12480+2026-11-28',
  },
  listPayments: {
    payments: '/payments',
    'payments-day': '/payments?from=2026-11-28&to=2026-11-28',
    'payments-empty': '/payments?from=2020-01-01&to=2020-01-01',
  },
  listRefunds: { refunds: '/refunds' },
  showPayment: {
    'payment-paid': ({ payments }) => `/payments/${payments.paid}`,
    'payment-refunded': ({ payments }) => `/payments/${payments.refunded}`,
    'payment-refunding': ({ payments }) => `/payments/${payments.refunding}`,
    'payment-compared': ({ payments }) => `/payments/${payments.refunded}`,
    'payment-refund-form': ({ payments }) => `/payments/${payments.refunded}`,
    'payment-waiting': ({ payments }) => `/payments/${payments.waiting}`,
    'payment-cash': ({ payments }) => `/payments/${payments.cash}`,
    'payment-cancelled': ({ payments }) => `/payments/${payments.cancelled}`,
    'payment-expired': ({ payments }) => `/payments/${payments.expired}`,
  },
  listMerchants: { merchants: '/merchants' },
  showMerchant: { merchant: ({ merchant }) => `/merchants/${merchant.merchantId}` },
  listKeys: { keys: '/keys' },
  showKey: { key: ({ apiKey }) => `/keys/${apiKey}` },
  listEndpoints: { endpoints: '/endpoints' },
  showEndpoint: { endpoint: ({ endpointId }) => `/endpoints/${endpointId}` },
  showDelivery: { delivery: ({ deliveryId }) => `/deliveries/${deliveryId}` },
  listInbox: { inbox: '/inbox' },
  showInboxWebhook: { 'inbox-message': ({ webhookId }) => `/inbox/${webhookId}` },
  showHealth: { health: '/health' },
  listOperators: { operators: '/operators' },
  showOperator: { operator: ({ operatorId }) => `/operators/${operatorId}` },
  listAudit: { audit: '/audit' },
};

/** The pages for somebody who is signed in. */
export const CONSOLE_PAGES: readonly ConsolePage[] = Object.values(PATHS).flatMap((byName) =>
  Object.entries(byName).map(([name, path]) => ({
    name,
    path: (samples) => (typeof path === 'string' ? path : path(samples)),
    press: PRESSED[name],
  })),
);

/** Options of a browser's profile that is signed in as the operator of this client. */
export function signedInAs({ cookie }: ConsoleClient): BrowserContextOptions {
  const [name = '', value = ''] = cookie.split('=');
  const domain = 'localhost';
  const expires = -1;
  return {
    storageState: {
      cookies: [
        { name, value, domain, path: '/', expires, httpOnly: true, secure: false, sameSite: 'Strict' },
      ],
      origins: [],
    },
  };
}
