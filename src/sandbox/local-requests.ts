/**
 * Who may use the control interface and the pages. There is no authentication, so a web page that a tester visits must not
 * be able to use them through the tester's browser: neither from another origin, other ports of this machine included, nor
 * by a name of its own that leads to this machine (DNS rebinding). Programs send no Origin, and call by the sandbox's own
 * address.
 */
import type { Context, Middleware } from 'koa';

/** Names that lead to this machine in every browser, whatever a DNS server says. */
const LOOPBACK = /^(localhost|(.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** What a browser says of requests that no other site has caused. */
const OWN_SITE = ['', 'none', 'same-origin'];

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Undefined when it is no address. */
export function parseUrl(text: string, base?: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

/**
 * @param ownUrl the address under which the sandbox is known, apart from those of loopback
 * @param isLinked whether links on other sites may lead here
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
