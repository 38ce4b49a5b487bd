/**
 * Serves the console at its own address only. Under any other name a page of somebody else could reach it (DNS rebinding), and
 * passkeys would not work.
 */
import type { ConsoleOptions } from '../options.ts';
import type { ConsoleMiddleware } from '../state.ts';

export function ownHost({ url }: ConsoleOptions): ConsoleMiddleware {
  const { host } = new URL(url);
  return async function ownHostMiddleware(ctx, next) {
    if (ctx.get('Host').toLowerCase() === host) {
      await next();
      return;
    }
    if (ctx.method === 'GET') {
      ctx.redirect(url);
      return;
    }
    ctx.status = 421;
    ctx.body = `The console is at ${url}`;
  };
}
