/**
 * The console: every request passes the same steps in the same order, then reaches the handler of its route.
 */
import Router from '@koa/router';
import Koa from 'koa';
import { createClientAddress } from '../http/middleware/client-address.ts';
import type { ServedApp } from '../http/server.ts';
import { newRequestId } from '../lib/ids.ts';
import type { ConsoleDeps } from './call.ts';
import { serveRoute } from './dispatch.ts';
import { HANDLERS } from './handlers.ts';
import { accessLog, logConsoleRefusal } from './middleware/access-log.ts';
import { errorPages } from './middleware/error-pages.ts';
import { ownHost } from './middleware/own-host.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { session } from './middleware/session.ts';
import { strictHttp } from './middleware/strict-http.ts';
import { turns } from './middleware/turns.ts';
import { ROUTES, type RouteId } from './routes.ts';
import type { ConsoleState } from './state.ts';

export function createConsole(deps: ConsoleDeps): ServedApp {
  const app = new Koa<ConsoleState>();
  const addressOf = createClientAddress(deps.options.trustedProxies);
  app.silent = true;
  app.use((ctx, next) => {
    ctx.state = { requestId: newRequestId(), clientAddress: addressOf(ctx.req) };
    ctx.set('X-Request-Id', ctx.state.requestId);
    return next();
  });
  app.use(accessLog(deps));
  app.use(securityHeaders(deps.options));
  app.use(errorPages(deps));
  app.use(strictHttp());
  app.use(ownHost(deps.options));
  app.use(sameOrigin(deps.options));
  app.use(session(deps));
  app.use(rateLimit(deps));
  app.use(turns());
  app.use(routes(deps).routes());
  return {
    koa: app,
    async refuse(refusal, peer) {
      const requestId = newRequestId();
      logConsoleRefusal(deps, refusal, requestId, peer);
      return { 'X-Request-Id': requestId };
    },
  };
}

function routes(deps: ConsoleDeps): Router<ConsoleState> {
  const router = new Router<ConsoleState>();
  for (const [id, { method, path }] of Object.entries(ROUTES)) {
    const handle = serveRoute(deps, id as RouteId, HANDLERS[id as RouteId]);
    router.register(path, [method], handle);
  }
  return router;
}
