/**
 * Refuses ambiguous HTTP, as the API does: the host decides whether a request is for the console at all.
 */
import { refusalOfHeaders } from '../../http/middleware/strict-http.ts';
import type { ConsoleMiddleware } from '../state.ts';

export function strictHttp(): ConsoleMiddleware {
  return async function strictHttpMiddleware(ctx, next) {
    const refusal = refusalOfHeaders(ctx.req);
    if (refusal) {
      // The end of this request is uncertain, so nothing that follows on the connection can be parsed.
      ctx.set('Connection', 'close');
      throw refusal;
    }
    await next();
  };
}
