/**
 * During a shutdown, asks clients and proxies not to reuse the connection, because a request on a closing connection
 * would be lost.
 */
import type { ServiceDeps } from '../../services/deps.ts';
import type { Middleware } from '../state.ts';

export function draining(deps: Pick<ServiceDeps, 'isDraining'>): Middleware {
  return function drainingMiddleware(ctx, next) {
    if (deps.isDraining()) {
      ctx.response.set('Connection', 'close');
    }
    return next();
  };
}
