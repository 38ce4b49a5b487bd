/**
 * Reads the body as raw bytes, because signatures cover the bytes as sent. Refuses a body larger than the operation takes.
 */
import getRawBody from 'raw-body';
import { DomainError } from '../../domain/errors.ts';
import type { Middleware } from '../state.ts';

export function body(): Middleware {
  const read: Middleware = async (ctx, next) => {
    const { maxBodyBytes: limit } = ctx.state.policy;
    try {
      ctx.state.rawBody = await getRawBody(ctx.req, {
        limit,
        length: ctx.request.get('content-length') || null,
      });
    } catch (error) {
      // The rest of the body stays unread, so the connection cannot be reused.
      ctx.response.set('Connection', 'close');
      throw readError(error, limit);
    }
    await next();
  };
  return function bodyMiddleware(ctx, next) {
    const { headers } = ctx.req;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    return hasBody ? read(ctx, next) : next();
  };
}

function readError(error: unknown, limit: number): unknown {
  const type = (error as { type?: unknown }).type;
  if (type === 'entity.too.large') {
    return new DomainError('payload_too_large', `The request body is larger than ${limit} bytes`, {
      details: { max_bytes: limit },
    });
  }
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return new DomainError('invalid_request', 'The request body ended before its Content-Length', {
      details: { field: 'body', constraint: 'length' },
      cause: error,
    });
  }
  return error;
}
