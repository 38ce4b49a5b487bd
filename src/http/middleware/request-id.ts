/**
 * Gives each request an id, which its log lines and its response carry.
 */
import { newRequestId } from '../../lib/ids.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import { type Middleware, State } from '../state.ts';

export function requestId(deps: ServiceDeps): Middleware {
  return function requestIdMiddleware(ctx, next) {
    const id = newRequestId();
    ctx.state = new State(deps.log, id);
    ctx.res.setHeader('X-Request-Id', id);
    return next();
  };
}
