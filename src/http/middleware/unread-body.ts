/**
 * Receives a body that no later step has read, such as that of a refused request, as far as a stranger's may be long: a
 * client that is still sending would miss the response. A connection on which more would follow is closed.
 */
import getRawBody from 'raw-body';
import { awaitsContinue, hasBody, requireBodyLength } from '../admission/body.ts';
import { STRANGER_BODY_BYTES } from '../operations.ts';
import type { AppContext, Middleware } from '../state.ts';

export function unreadBody(): Middleware {
  const discardAfter: Middleware = async (ctx, next) => {
    await next();
    await discardBody(ctx);
  };
  return function unreadBodyMiddleware(ctx, next) {
    return hasBody(ctx.req) ? discardAfter(ctx, next) : next();
  };
}

async function discardBody(ctx: AppContext): Promise<void> {
  const { req, response } = ctx;
  if (req.readableEnded || response.get('Connection') === 'close') {
    return;
  }
  if (awaitsContinue(req)) {
    // It was not asked for, so it may never come.
    response.set('Connection', 'close');
    return;
  }
  try {
    requireBodyLength(ctx, STRANGER_BODY_BYTES);
    await getRawBody(req, { limit: STRANGER_BODY_BYTES });
  } catch {
    response.set('Connection', 'close');
  }
}
