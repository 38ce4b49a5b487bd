/**
 * What goes out: the answer of a handler with its bytes. Most are JSON; a page, a picture or a stream brings its own
 * media type and headers.
 */
import type { Readable } from 'node:stream';
import type { StoredResponse } from '../services/idempotency/stored-responses.ts';
import type { OperationId, Reply } from './openapi/contract.ts';

export interface Outgoing {
  readonly status: number;
  /** JSON when absent. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer | Readable;
}

interface Content {
  readonly status: unknown;
  readonly type: string;
  readonly content: Outgoing['body'];
  readonly headers?: Readonly<Record<string, string>>;
}

export function outgoing(reply: Reply<OperationId>): Outgoing {
  const status = Number(reply.status);
  if (!isContent(reply)) {
    return { status, body: JSON.stringify(reply.body) };
  }
  return { status, type: reply.type, body: reply.content, headers: reply.headers ?? {} };
}

/** An answer that can be kept and given again. */
export function toReplayable({ status, body }: Outgoing): StoredResponse {
  if (typeof body !== 'string') {
    throw new Error('only an answer in text can be kept');
  }
  return { status, body };
}

function isContent(reply: object): reply is Content {
  return 'content' in reply;
}
