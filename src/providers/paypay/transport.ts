/**
 * HTTP calls to PayPay: signed, timed, size-limited and logged. Transport only; outcomes.ts interprets the responses.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { ProviderCall } from '../provider.ts';
import { noticeSending, whenTimeIsOver } from './sending.ts';
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
  /** The gateway's id of the attempt or the refund that it is about. */
  readonly objectId: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Without the query; parameters are already encoded. */
  readonly path: string;
  readonly query?: string;
  readonly body?: unknown;
  /** PayPay's id of the merchant the call is for. */
  readonly merchantId: string;
}

/**
 * The result of a call. `not_sent` means that PayPay has certainly not received it, because no byte of the request was
 * written; sending.ts says when that is. Everything after the first byte is `no_answer`, `unreadable` or `answer`.
 */
export type PayPayResponse =
  | {
      readonly kind: 'answer';
      readonly httpStatus: number;
      readonly code: string | undefined;
      readonly codeId: string | undefined;
      readonly data: unknown;
      readonly retryAfterMs: number | undefined;
      readonly requestId: string | undefined;
      /** PayPay's time, from the header of every HTTP response. */
      readonly answeredAt: Date | undefined;
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
  /** Called after every call, for metrics and for the record of calls. */
  readonly onCall?: (call: ProviderCall) => void;
  /** Timeout of a whole call, connecting included. PayPay requires at least 30 s for POST, 15 s for GET and DELETE. */
  readonly timeoutsMs?: { readonly post: number; readonly other: number };
}

export interface Transport {
  send(call: PayPayCall): Promise<PayPayResponse>;
  close(): Promise<void>;
}

const TIMEOUTS_MS = { post: 30_000, other: 15_000 };
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;
/** PayPay's responses have a few kB; a larger one does not come from PayPay. */
const MAX_RESPONSE_BYTES = 1_048_576;
/** PayPay's result codes are shorter. */
const MAX_CODE = 64;
/** The signature covers this value, so it must be sent exactly as signed. */
const CONTENT_TYPE = 'application/json';

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
      const response = await exchange(call);
      const durationMs = performance.now() - startedAt;
      logCall(log, call, response, durationMs);
      options.onCall?.(describeCall(call, response, durationMs));
      return response;
    },
    close: () => agent.destroy(),
  };

  async function exchange(call: PayPayCall): Promise<PayPayResponse> {
    const timeout = AbortSignal.timeout(call.method === 'POST' ? timeoutsMs.post : timeoutsMs.other);
    let isBegun = false;
    const dispatcher = agent.compose(
      noticeSending(() => {
        isBegun = true;
      }),
    );
    try {
      const sent = request(`${baseUrl}${call.path}${call.query ? `?${call.query}` : ''}`, {
        ...messageOf(call, options, clock),
        method: call.method,
        dispatcher,
        signal: timeout,
      });
      const response = await Promise.race([sent, whenTimeIsOver(timeout, () => isBegun)]);
      return toResponse(response.statusCode, response.headers, await response.body.text());
    } catch (cause) {
      return isBegun ? { kind: 'no_answer', isTimeout: timeout.aborted, cause } : { kind: 'not_sent', cause };
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
  const answeredMs = Date.parse(stringOf(headers['date']) ?? '');
  const retryAfterSeconds = Number(stringOf(headers['retry-after']));
  return {
    kind: 'answer',
    httpStatus,
    code: stringOf(resultInfo['code']),
    codeId: stringOf(resultInfo['codeId']),
    data: body['data'],
    retryAfterMs: retryAfterSeconds > 0 ? retryAfterSeconds * 1_000 : undefined,
    requestId,
    answeredAt: Number.isNaN(answeredMs) ? undefined : new Date(answeredMs),
  };
}

/** The metrics label of a response; low cardinality. */
function outcomeLabel(response: PayPayResponse): string {
  return response.kind === 'answer' ? `http_${Math.floor(response.httpStatus / 100)}xx` : response.kind;
}

/** The status of a response with a provider's fault: PayPay's limit of requests is one, because payments wait for it. */
function isFault(httpStatus: number): boolean {
  return httpStatus >= 500 || httpStatus === 429;
}

function describeCall(
  { operation, objectId }: PayPayCall,
  response: PayPayResponse,
  durationMs: number,
): ProviderCall {
  return {
    operation,
    objectId,
    outcome: outcomeLabel(response),
    code: response.kind === 'answer' ? (response.code ?? response.codeId)?.slice(0, MAX_CODE) : undefined,
    requestId: 'requestId' in response ? response.requestId : undefined,
    hasFailed: response.kind !== 'answer' || isFault(response.httpStatus),
    durationMs,
  };
}

/** Logs one line per call, without headers, bodies or the query, because these may contain secrets or payer data. */
function logCall(log: Logger, call: PayPayCall, response: PayPayResponse, durationMs: number): void {
  const line = {
    operation: call.operation,
    path: call.path,
    outcome: response.kind,
    httpStatus: 'httpStatus' in response ? response.httpStatus : undefined,
    code: response.kind === 'answer' ? response.code : undefined,
    payPayRequestId: 'requestId' in response ? response.requestId : undefined,
    durationMs: Math.round(durationMs),
  };
  if (response.kind === 'answer' && response.httpStatus < 500) {
    log.debug(line, 'PayPay call');
  } else {
    log.warn({ ...line, cause: 'cause' in response ? String(response.cause) : undefined }, 'PayPay call');
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value if it is an object, and undefined otherwise. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** The value if it is a string, and undefined otherwise. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
