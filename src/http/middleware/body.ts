/**
 * Reads the body as raw bytes, bounded: signatures are over the bytes as sent. Parsing comes after authentication.
 */
import getRawBody from 'raw-body';
import { DomainError } from '../../domain/errors.ts';
import type { Middleware } from '../state.ts';

const LIMIT_BYTES = 1_048_576;
/** A sync of ten thousand stores in one request is an ordinary one. */
const SYNC_LIMIT_BYTES = 16 * 1_048_576;
const SYNC_PATH = '/v1/sync/merchants';

export function body(): Middleware {
  const read: Middleware = async (ctx, next) => {
    const limit = ctx.request.path === SYNC_PATH ? SYNC_LIMIT_BYTES : LIMIT_BYTES;
    try {
      ctx.state.rawBody = await getRawBody(ctx.req, {
        limit,
        length: ctx.request.get('content-length') || null,
      });
    } catch (error) {
      // What is left of the body is not read, so the connection cannot be used again.
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
