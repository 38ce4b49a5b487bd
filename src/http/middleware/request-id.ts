/**
 * Gives each request an id, a log of its own, and the id to the caller.
 */
import { newId } from '../../ids.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import type { Middleware } from '../state.ts';

export function requestId(deps: ServiceDeps): Middleware {
  return async function requestIdMiddleware(ctx, next) {
    const id = newId('req', deps.clock.now());
    ctx.state.requestId = id;
    ctx.state.log = deps.log.child({ requestId: id });
    ctx.state.caller = { kind: 'anyone' };
    ctx.state.rawBody = Buffer.alloc(0);
    ctx.set('X-Request-Id', id);
    await next();
  };
}
