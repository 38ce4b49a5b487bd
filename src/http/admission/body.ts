/**
 * Reads the body as raw bytes, because signatures cover the bytes as sent. A stranger may send only a small body. The
 * total size of larger bodies in memory is limited per process and per API key, so that no caller uses up the memory that
 * others need.
 */
import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { DomainError } from '../../domain/errors.ts';
import { STRANGER_BODY_BYTES } from '../operations.ts';
import type { AppContext } from '../state.ts';

/** Bodies up to this size do not count towards the budget; the number of connections limits them. */
const SMALL_BODY_BYTES = STRANGER_BODY_BYTES;
const MIB = 1_048_576;
const DEFAULT_BUDGET: BudgetOptions = { processBytes: 64 * MIB, keyBytes: 32 * MIB };
const RETRY_AFTER_MS = 1_000;
/** What raw-body reports when the client has gone: during the reading, or before it. */
const ENDED_EARLY: ReadonlySet<string> = new Set([
  'request.aborted',
  'request.size.invalid',
  'stream.not.readable',
]);

interface BudgetOptions {
  readonly processBytes: number;
  readonly keyBytes: number;
}

/** Larger bodies in memory, counted as they arrive, until their requests have ended. */
export interface BodyBudget {
  /** @throws service_unavailable when the process or the API key has too many */
  reserve(apiKey: string, bytes: number): void;
  release(apiKey: string, bytes: number): void;
}

export function createBodyBudget({ processBytes, keyBytes } = DEFAULT_BUDGET): BodyBudget {
  let inUse = 0;
  const byKey = new Map<string, number>();
  return {
    reserve(apiKey, bytes) {
      const ofKey = byKey.get(apiKey) ?? 0;
      if (ofKey + bytes > keyBytes || inUse + bytes > processBytes) {
        throw busy();
      }
      inUse += bytes;
      byKey.set(apiKey, ofKey + bytes);
    },
    release(apiKey, bytes) {
      inUse -= bytes;
      const left = (byKey.get(apiKey) ?? bytes) - bytes;
      if (left === 0) {
        byKey.delete(apiKey);
      } else {
        byKey.set(apiKey, left);
      }
    },
  };
}

/** How large the body of a request may be, and which API key it counts for. */
export interface BodyAllowance {
  readonly maxBytes: number;
  /** Set where the body may be larger than a stranger's. */
  readonly apiKey?: string;
}

/** Refuses a body by its Content-Length, before the caller is known. @throws payload_too_large */
export function requireBodyLength(ctx: AppContext, maxBytes: number): void {
  if (Number(ctx.req.headers['content-length'] ?? 0) > maxBytes) {
    throw tooLarge(maxBytes);
  }
}

/**
 * Reads the body into `ctx.state.rawBody`.
 * @throws payload_too_large, service_unavailable, invalid_request
 */
export function readBody(
  ctx: AppContext,
  allowance: BodyAllowance,
  budget: BodyBudget,
): Promise<void> | undefined {
  return hasBody(ctx.req) ? read(ctx, allowance, budget) : undefined;
}

async function read(ctx: AppContext, { maxBytes, apiKey }: BodyAllowance, budget: BodyBudget): Promise<void> {
  requireBodyLength(ctx, maxBytes);
  const { req, res, state } = ctx;
  if (awaitsContinue(req)) {
    res.writeContinue();
  }
  try {
    const whole = getRawBody(req, { limit: maxBytes, length: req.headers['content-length'] ?? null });
    state.rawBody = await (apiKey !== undefined && largestLength(req) > SMALL_BODY_BYTES
      ? Promise.race([whole, refusedByBudget(ctx, apiKey, budget)])
      : whole);
  } catch (error) {
    // The rest of the body stays unread, so the connection cannot be reused.
    ctx.response.set('Connection', 'close');
    throw readError(error, maxBytes);
  }
}

/**
 * Counts the bytes as they arrive, because a header may announce many and a chunked body announces none.
 * @returns rejects once the budget has no more; never resolves
 */
function refusedByBudget({ req, state }: AppContext, apiKey: string, budget: BodyBudget): Promise<never> {
  let received = 0;
  let reserved = 0;
  return new Promise((_, reject) => {
    const count = (chunk: Buffer) => {
      received += chunk.length;
      if (received <= SMALL_BODY_BYTES) {
        return;
      }
      try {
        budget.reserve(apiKey, received - reserved);
        reserved = received;
      } catch (error) {
        reject(error);
      }
    };
    req.on('data', count);
    // Not when the response closes: it may have closed already, and one that waits behind another never does.
    state.releaseBody = () => {
      req.off('data', count);
      budget.release(apiKey, reserved);
    };
  });
}

/** Whether a request has a body, as its headers state it. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Whether the client sends its body only when it is asked to. HTTP/1.0 does not have that. */
export function awaitsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.expect !== undefined && httpVersion === '1.1';
}

/** How long the body of a request that has one can be. */
function largestLength({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
}

function readError(error: unknown, maxBytes: number): unknown {
  const { type } = error as { type?: string };
  if (type === 'entity.too.large') {
    return tooLarge(maxBytes);
  }
  if (type !== undefined && ENDED_EARLY.has(type)) {
    return new DomainError('invalid_request', 'The request body ended before its Content-Length', {
      details: { field: 'body', constraint: 'length' },
      cause: error,
    });
  }
  return error;
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('payload_too_large', `The request body is larger than ${maxBytes} bytes`, {
    details: { max_bytes: maxBytes },
  });
}

function busy(): DomainError {
  return new DomainError('service_unavailable', 'Too many large requests are being read; try again shortly', {
    details: { reason: 'too_many_bytes_in_flight' },
    retryAfterMs: RETRY_AFTER_MS,
  });
}
