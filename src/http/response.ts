/**
 * Responses on their way out: a handler's reply with its bytes. Most are JSON; a page, a picture or a stream brings its
 * own media type and headers.
 */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { IdempotentOutcome } from '../services/idempotency/stored-responses.ts';
import type { NewPaymentIntent } from '../store/new-payment-intents.ts';
import type { CreatingOperationId, OperationId, Reply } from './openapi/contract.ts';

export interface Outgoing {
  readonly status: number;
  /** JSON when absent. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Empty when the response has none. */
  readonly body: string | Buffer | Readable;
  /** To be stored before the response is sent. */
  readonly creates?: NewPaymentIntent | undefined;
}

/**
 * For every JSON response: it may contain a credential and is valid only now and for this caller, so it must not be cached.
 * A browser must not interpret it as another type.
 */
export const JSON_HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

interface Content {
  readonly status: unknown;
  readonly type: string;
  readonly content: Outgoing['body'];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sets the headers of a JSON response, on Node's response because Koa's own method costs more. */
export function setJsonHeaders(target: { setHeader(name: string, value: string): unknown }): void {
  target.setHeader('Content-Type', JSON_HEADERS['Content-Type']);
  target.setHeader('Cache-Control', JSON_HEADERS['Cache-Control']);
  target.setHeader('X-Content-Type-Options', JSON_HEADERS['X-Content-Type-Options']);
}

/**
 * Destroys a stream when its connection closes. Koa does that with the response, but Node does not close a response that
 * waits behind another one on the connection.
 */
export function closeWithConnection(body: Readable, connection: Socket): void {
  if (connection.destroyed) {
    body.destroy();
    return;
  }
  const destroy = () => void body.destroy();
  connection.once('close', destroy);
  body.once('close', () => connection.off('close', destroy));
}

/** Renders a handler's reply. */
export function outgoing(reply: Reply<OperationId>): Outgoing {
  const status = Number(reply.status);
  if (!isContent(reply)) {
    return {
      status,
      body: reply.body === undefined ? '' : JSON.stringify(reply.body),
      creates: createdBy(reply),
    };
  }
  return { status, type: reply.type, body: reply.content, headers: reply.headers ?? {} };
}

/** The response in the form in which it is stored and replayed. @throws when it is not text */
export function toReplayable({ status, body, creates }: Outgoing): IdempotentOutcome {
  if (typeof body !== 'string') {
    throw new Error('only a text response can be replayed');
  }
  return { response: { status, body }, creates };
}

function createdBy(reply: Reply<OperationId> | Reply<CreatingOperationId>): NewPaymentIntent | undefined {
  return 'creates' in reply ? reply.creates : undefined;
}

function isContent(reply: object): reply is Content {
  return 'content' in reply;
}
