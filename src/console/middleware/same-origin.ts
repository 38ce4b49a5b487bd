/**
 * Refuses requests that another site makes in an operator's browser. Browsers say where a request comes from in Sec-Fetch-Site;
 * those that do not send it send Origin with every POST.
 */
import type { ConsoleOptions } from '../options.ts';
import { ConsoleRefusal } from '../refusals.ts';
import type { ConsoleMiddleware } from '../state.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export function sameOrigin({ url }: ConsoleOptions): ConsoleMiddleware {
  return function sameOriginMiddleware(ctx, next) {
    if (!SAFE.has(ctx.method) && !isOwn(ctx.get('Sec-Fetch-Site'), ctx.get('Origin'), url)) {
      throw new ConsoleRefusal(403, 'otherSite');
    }
    return next();
  };
}

function isOwn(site: string, origin: string, url: string): boolean {
  return site === '' ? origin === url : site === 'same-origin';
}
