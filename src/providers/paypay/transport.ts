/**
 * Calls to PayPay over HTTP: signed, timed, bounded, logged. Knows requests and answers, not what they mean; that is in
 * outcomes.ts.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { authorizationFor } from './signature.ts';

export type PayPayOperation =
  | 'createCode'
  | 'deleteCode'
  | 'paymentDetails'
  | 'cancelPayment'
  | 'createRefund'
  | 'refundDetails';

export interface PayPayCall {
  readonly operation: PayPayOperation;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Without the query, parameters already encoded. */
  readonly path: string;
  readonly query?: string;
  readonly body?: unknown;
  /** PayPay's id of the merchant the call is for. */
  readonly merchantId: string;
}

/** What came back. `not_sent` is certain: PayPay has not seen the call. */
export type PayPayResponse =
  | {
      readonly kind: 'answer';
      readonly httpStatus: number;
      readonly code: string | undefined;
      readonly codeId: string | undefined;
      readonly data: unknown;
      readonly retryAfterMs: number | undefined;
      readonly requestId: string | undefined;
    }
  | { readonly kind: 'unreadable'; readonly httpStatus: number; readonly requestId: string | undefined }
  | { readonly kind: 'not_sent'; readonly cause: unknown }
  | { readonly kind: 'no_answer'; readonly isTimeout: boolean; readonly cause: unknown };

export interface TransportOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of every call, for measurement. */
  readonly onCall?: (operation: PayPayOperation, outcome: string, seconds: number) => void;
  /** Total time of a call, connecting included. PayPay: at least 30 s for POST, 15 s for GET and DELETE. */
  readonly timeoutsMs?: { readonly post: number; readonly other: number };
}

export interface Transport {
  send(call: PayPayCall): Promise<PayPayResponse>;
  close(): Promise<void>;
}

const TIMEOUTS_MS = { post: 30_000, other: 15_000 };
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;
/** The largest real answer is a few kB; what is larger is not PayPay's. */
const MAX_RESPONSE_BYTES = 1_048_576;
/** Signed and sent, byte for byte the same. */
const CONTENT_TYPE = 'application/json';
/** Failures that come before a byte of the request has left. */
const NOT_SENT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, clock, log, timeoutsMs = TIMEOUTS_MS } = options;
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
    pipelining: 1,
  });
  return {
    async send(call) {
      const startedAt = performance.now();
      const answer = await exchange(call);
      const durationMs = performance.now() - startedAt;
      logCall(log, call, answer, durationMs);
      options.onCall?.(call.operation, outcomeLabel(answer), durationMs / 1000);
      return answer;
    },
    close: () => agent.destroy(),
  };

  async function exchange(call: PayPayCall): Promise<PayPayResponse> {
    const timeout = AbortSignal.timeout(call.method === 'POST' ? timeoutsMs.post : timeoutsMs.other);
    try {
      const response = await request(`${baseUrl}${call.path}${call.query ? `?${call.query}` : ''}`, {
        ...messageOf(call, options, clock),
        method: call.method,
        dispatcher: agent,
        signal: timeout,
      });
      return toResponse(response.statusCode, response.headers, await response.body.text());
    } catch (cause) {
      const code = String((cause as { code?: unknown }).code ?? '');
      if (NOT_SENT_CODES.has(code)) {
        return { kind: 'not_sent', cause };
      }
      return { kind: 'no_answer', isTimeout: timeout.aborted, cause };
    }
  }
}

function messageOf(call: PayPayCall, { apiKey, apiSecret, baseUrl }: TransportOptions, clock: Clock) {
  const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
  const authorization = authorizationFor({
    apiKey,
    apiSecret,
    method: call.method,
    path: new URL(`${baseUrl}${call.path}`).pathname,
    content: body && { type: CONTENT_TYPE, body },
    nonce: randomUUID(),
    epoch: Math.floor(clock.now().getTime() / 1000),
  });
  const headers: Record<string, string> = { authorization, accept: 'application/json' };
  if (call.merchantId !== '') {
    headers['x-assume-merchant'] = call.merchantId;
  }
  if (!body) {
    return { headers };
  }
  return { headers: { ...headers, 'content-type': CONTENT_TYPE }, body };
}

function toResponse(
  httpStatus: number,
  headers: Record<string, string | string[] | undefined>,
  text: string,
): PayPayResponse {
  const requestId = stringOf(headers['x-request-id'])?.slice(0, 64);
  const body = parseObject(text);
  const resultInfo = objectOf(body?.['resultInfo']);
  if (!body || !resultInfo) {
    return { kind: 'unreadable', httpStatus, requestId };
  }
  const retryAfterSeconds = Number(stringOf(headers['retry-after']));
  return {
    kind: 'answer',
    httpStatus,
    code: stringOf(resultInfo['code']),
    codeId: stringOf(resultInfo['codeId']),
    data: body['data'],
    retryAfterMs: retryAfterSeconds > 0 ? retryAfterSeconds * 1_000 : undefined,
    requestId,
  };
}

/** A word for what came back, of which there are few. */
function outcomeLabel(answer: PayPayResponse): string {
  return answer.kind === 'answer' ? `http_${Math.floor(answer.httpStatus / 100)}xx` : answer.kind;
}

/** One line a call: never headers, bodies or the query. */
function logCall(log: Logger, call: PayPayCall, answer: PayPayResponse, durationMs: number): void {
  const line = {
    operation: call.operation,
    path: call.path,
    outcome: answer.kind,
    httpStatus: 'httpStatus' in answer ? answer.httpStatus : undefined,
    code: answer.kind === 'answer' ? answer.code : undefined,
    payPayRequestId: 'requestId' in answer ? answer.requestId : undefined,
    durationMs: Math.round(durationMs),
  };
  if (answer.kind === 'answer' && answer.httpStatus < 500) {
    log.debug(line, 'PayPay call');
  } else {
    log.warn({ ...line, cause: 'cause' in answer ? String(answer.cause) : undefined }, 'PayPay call');
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value as an object, when it is one. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** The value as a text, when it is one. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
