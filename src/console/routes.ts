/**
 * Every route of the console, with the rule that decides who may use it. A route without a rule does not compile, and neither
 * does one without a handler (handlers.ts).
 */
import type { Permission } from '../domain/operators/roles.ts';

/**
 * Who may use a route. `gateway`: whoever has the permission for the whole gateway. `shops`: whoever has it somewhere; the
 * handler receives where, and finds nothing outside.
 */
export type Rule =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'signed_in' }
  | { readonly kind: 'permission'; readonly permission: Permission; readonly reach: 'gateway' | 'shops' };

export interface Route {
  readonly method: 'GET' | 'POST';
  /** With the parameters of @koa/router. */
  readonly path: `/${string}`;
  readonly rule: Rule;
  /** How the body is read; a form by default. */
  readonly body?: 'json';
  /** Whether the operator must have proved who they are within the last five minutes. */
  readonly isVerified?: true;
  /** Whether a GET leaves a trace, and so is made only by who wants it. */
  readonly hasEffect?: true;
}

const ANYONE = { kind: 'anyone' } as const;
const SIGNED_IN = { kind: 'signed_in' } as const;

function everywhere(permission: Permission) {
  return { kind: 'permission', permission, reach: 'gateway' } as const;
}

function inShops(permission: Permission) {
  return { kind: 'permission', permission, reach: 'shops' } as const;
}

export const ROUTES = {
  getAsset: { method: 'GET', path: '/assets/:name', rule: ANYONE },
  changeLanguage: { method: 'POST', path: '/language', rule: ANYONE },

  showSignIn: { method: 'GET', path: '/sign-in', rule: ANYONE },
  startSignIn: { method: 'POST', path: '/sign-in/options', rule: ANYONE, body: 'json' },
  signIn: { method: 'POST', path: '/sign-in', rule: ANYONE, body: 'json' },
  startOidc: { method: 'POST', path: '/sign-in/oidc', rule: ANYONE },
  finishOidc: { method: 'GET', path: '/sign-in/oidc/callback', rule: ANYONE },
  showDemoLink: { method: 'GET', path: '/demo/:token', rule: ANYONE },
  signInByDemoLink: { method: 'POST', path: '/demo/:token', rule: ANYONE },
  showInvitation: { method: 'GET', path: '/invitations/:token', rule: ANYONE },
  startRegistration: { method: 'POST', path: '/invitations/:token/options', rule: ANYONE, body: 'json' },
  register: { method: 'POST', path: '/invitations/:token', rule: ANYONE, body: 'json' },

  showAccount: { method: 'GET', path: '/account', rule: SIGNED_IN },
  startAddingPasskey: {
    method: 'POST',
    path: '/account/passkeys/options',
    rule: SIGNED_IN,
    body: 'json',
    isVerified: true,
  },
  addPasskey: { method: 'POST', path: '/account/passkeys', rule: SIGNED_IN, body: 'json', isVerified: true },
  removePasskey: {
    method: 'POST',
    path: '/account/passkeys/:passkeyId/remove',
    rule: SIGNED_IN,
    isVerified: true,
  },
  endOwnSession: { method: 'POST', path: '/account/sessions/:hash/end', rule: SIGNED_IN },
  endOtherSessions: { method: 'POST', path: '/account/sessions/end-others', rule: SIGNED_IN },
  signOut: { method: 'POST', path: '/sign-out', rule: SIGNED_IN },
  startVerification: { method: 'POST', path: '/verify/options', rule: SIGNED_IN, body: 'json' },
  startOidcVerification: { method: 'POST', path: '/verify/oidc', rule: SIGNED_IN },
  verify: { method: 'POST', path: '/verify', rule: SIGNED_IN, body: 'json' },

  showHome: { method: 'GET', path: '/', rule: inShops('payments:read') },
  search: { method: 'GET', path: '/search', rule: inShops('payments:read') },
  listPayments: { method: 'GET', path: '/payments', rule: inShops('payments:read') },
  exportPayments: {
    method: 'GET',
    path: '/payments/export',
    rule: inShops('payments:export'),
    hasEffect: true,
  },
  showExportProgress: { method: 'GET', path: '/payments/export/progress', rule: inShops('payments:export') },
  listRefunds: { method: 'GET', path: '/refunds', rule: inShops('payments:read') },
  showPayment: { method: 'GET', path: '/payments/:intentId', rule: inShops('payments:read') },
  refreshPayment: { method: 'POST', path: '/payments/:intentId/refresh', rule: inShops('payments:refresh') },
  notePayment: { method: 'POST', path: '/payments/:intentId/notes', rule: inShops('payments:refresh') },
  cancelPayment: { method: 'POST', path: '/payments/:intentId/cancel', rule: inShops('payments:cancel') },
  capturePayment: { method: 'POST', path: '/payments/:intentId/capture', rule: inShops('cash:capture') },
  refundPayment: { method: 'POST', path: '/payments/:intentId/refunds', rule: inShops('refunds:create') },

  listMerchants: { method: 'GET', path: '/merchants', rule: inShops('merchants:read') },
  showMerchant: { method: 'GET', path: '/merchants/:merchantId', rule: inShops('merchants:read') },
  setMerchantLimit: {
    method: 'POST',
    path: '/merchants/:merchantId/limit',
    rule: everywhere('limits:change'),
  },
  listKeys: { method: 'GET', path: '/keys', rule: inShops('keys:read') },
  createKey: { method: 'POST', path: '/keys', rule: inShops('keys:change'), isVerified: true },
  showKey: { method: 'GET', path: '/keys/:apiKey', rule: inShops('keys:read') },
  updateKey: { method: 'POST', path: '/keys/:apiKey', rule: inShops('keys:change'), isVerified: true },
  rotateKey: { method: 'POST', path: '/keys/:apiKey/rotate', rule: inShops('keys:change'), isVerified: true },
  revokeKey: { method: 'POST', path: '/keys/:apiKey/revoke', rule: inShops('keys:change'), isVerified: true },

  listEndpoints: { method: 'GET', path: '/endpoints', rule: inShops('endpoints:read') },
  showEndpoint: { method: 'GET', path: '/endpoints/:endpointId', rule: inShops('endpoints:read') },
  pauseEndpoint: { method: 'POST', path: '/endpoints/:endpointId/pause', rule: inShops('endpoints:change') },
  enableEndpoint: {
    method: 'POST',
    path: '/endpoints/:endpointId/enable',
    rule: inShops('endpoints:change'),
  },
  showDelivery: { method: 'GET', path: '/deliveries/:deliveryId', rule: inShops('endpoints:read') },
  redeliver: {
    method: 'POST',
    path: '/deliveries/:deliveryId/redeliver',
    rule: inShops('deliveries:redeliver'),
  },
  listInbox: { method: 'GET', path: '/inbox', rule: everywhere('inbox:read') },
  showInboxWebhook: { method: 'GET', path: '/inbox/:webhookId', rule: everywhere('inbox:read') },
  replayInbox: { method: 'POST', path: '/inbox/:webhookId/replay', rule: everywhere('inbox:replay') },
  showHealth: { method: 'GET', path: '/health', rule: everywhere('health:read') },

  listOperators: { method: 'GET', path: '/operators', rule: inShops('operators:read') },
  inviteOperator: { method: 'POST', path: '/operators', rule: inShops('operators:change'), isVerified: true },
  showOperator: { method: 'GET', path: '/operators/:operatorId', rule: inShops('operators:read') },
  changeGrants: {
    method: 'POST',
    path: '/operators/:operatorId/grants',
    rule: inShops('operators:change'),
    isVerified: true,
  },
  inviteAgain: {
    method: 'POST',
    path: '/operators/:operatorId/invite',
    rule: inShops('operators:change'),
    isVerified: true,
  },
  disableOperator: {
    method: 'POST',
    path: '/operators/:operatorId/disable',
    rule: inShops('operators:change'),
    isVerified: true,
  },
  enableOperator: {
    method: 'POST',
    path: '/operators/:operatorId/enable',
    rule: inShops('operators:change'),
    isVerified: true,
  },
  endOperatorSessions: {
    method: 'POST',
    path: '/operators/:operatorId/sessions/end',
    rule: inShops('operators:change'),
    isVerified: true,
  },

  listAudit: { method: 'GET', path: '/audit', rule: everywhere('audit:read') },
  exportAudit: { method: 'GET', path: '/audit/export', rule: everywhere('audit:read'), hasEffect: true },
  verifyAudit: { method: 'POST', path: '/audit/verify', rule: everywhere('audit:read') },
} as const satisfies Readonly<Record<string, Route>>;

export type RouteId = keyof typeof ROUTES;

/** The names of the parameters in a path. */
type ParametersOf<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer More}`
    ? Name | ParametersOf<More>
    : Rest
  : never;

export type PathParameters<Id extends RouteId> = Readonly<
  Record<ParametersOf<(typeof ROUTES)[Id]['path']>, string>
>;
