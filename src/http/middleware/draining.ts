/**
 * While the process shuts down, tells clients and proxies not to use the connection again: a request that meets a closing
 * connection would be lost.
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
