/**
 * Protects the control interface and the pages from other web sites and other machines. There is no authentication, so a web page that a
 * tester visits must not be able to use them through the tester's browser: neither from another origin, which includes
 * other ports of this machine, nor through a DNS name that resolves to this machine (DNS rebinding). Programs are allowed:
 * they send no Origin, and use the sandbox's own address.
 */
import type { Context, Middleware } from 'koa';

/** Host names that browsers resolve to this machine without asking a DNS server. */
const LOOPBACK = /^(localhost|(.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** Values of Sec-Fetch-Site for requests that no other site has caused; empty if the header is absent. */
const OWN_SITE = ['', 'none', 'same-origin'];

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Undefined when the text is not a URL. */
export function parseUrl(text: string, base?: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

/**
 * @param ownUrl the public URL of the sandbox; loopback addresses are accepted as well
 * @param isLinked whether links on other sites may lead to the protected routes
 */
export function localRequestsOnly(ownUrl: () => string, { isLinked }: { isLinked: boolean }): Middleware {
  return async function localRequestsMiddleware(ctx, next) {
    const own = new URL(ownUrl());
    const fault = findFault(ctx, own, isLinked);
    if (fault === undefined) {
      return next();
    }
    ctx.status = 403;
    ctx.body = { error: 'forbidden', message: fault };
  };
}

function findFault(ctx: Context, own: URL, isLinked: boolean): string | undefined {
  const host = parseUrl(`${ctx.protocol}://${ctx.get('Host')}`);
  if (host === undefined || !(isLoopback(host.hostname) || host.hostname === own.hostname)) {
    return `Call the sandbox by its own address, ${own.origin}.`;
  }
  const origin = ctx.get('Origin');
  const isForeign = origin !== '' && origin !== host.origin && origin !== own.origin;
  // A link to a page of the sandbox is how a payer gets there.
  const isFromOtherSite = !isLinked && !OWN_SITE.includes(ctx.get('Sec-Fetch-Site'));
  if (isForeign || isFromOtherSite) {
    return 'This request came from another site. Use the pages of the sandbox itself.';
  }
  return undefined;
}

/** What a payer's phone needs; PayPay's API authenticates its callers itself. */
const OF_PAYERS: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'GET', path: /^\/app\/(cashier|assets\/[\w.-]+)$/ },
  { method: 'POST', path: /^\/_control\/(pay|decline)$/ },
];
const API = /^\/v[0-9]+\//;

interface Connection {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

/** Whether both ends are on this machine, whichever of its addresses they use. */
export function isSameMachine({ remoteAddress = '', localAddress }: Connection): boolean {
  return remoteAddress === localAddress || /^(::ffff:)?127\.|^::1$/.test(remoteAddress);
}

/**
 * Other machines in the network may act as payers and call PayPay's API, and nothing else: whoever may use the control
 * interface can move the clock and erase payments. Sets `isRemote` in the state of the request.
 */
export function othersArePayers(isLocal = isSameMachine): Middleware {
  return async function othersArePayersMiddleware(ctx, next) {
    ctx.state['isRemote'] = !isLocal(ctx.req.socket);
    const isAllowed =
      ctx.state['isRemote'] === false ||
      API.test(ctx.path) ||
      OF_PAYERS.some(({ method, path }) => method === ctx.method && path.test(ctx.path));
    if (isAllowed) {
      return next();
    }
    ctx.status = 403;
    ctx.body = {
      error: 'forbidden',
      message: 'From another machine only codes can be paid. Open this page on the machine of the sandbox.',
    };
  };
}
