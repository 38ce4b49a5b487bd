/**
 * The way of a request from the typed client to the wire: one Idempotency-Key for all tries, a new signature for each,
 * a bound on time, and repetition of what may pass by itself.
 */
import { type Clock, systemClock } from '../clock.ts';
import { PgwConnectionError } from './errors.ts';
import type { ClientOptions } from './options.ts';
import { retryDelayMs } from './retry.ts';
import { authorizationOf } from './sign.ts';

const MAX_RETRIES = 3;
const TIMEOUT_MS = 40_000;

export type Send = (request: Request) => Promise<Response>;

/** @throws PgwConnectionError when there is no answer; what the caller's signal says, when it aborts */
export function createSend(options: ClientOptions): Send {
  const clock = options.clock ?? systemClock;
  const dice = options.dice ?? Math.random;
  return async function send(request) {
    const body = await request.arrayBuffer();
    const { method, signal } = request;
    const headers = new Headers(request.headers);
    if (method === 'POST' && !headers.has('Idempotency-Key')) {
      headers.set('Idempotency-Key', crypto.randomUUID());
    }
    for (let retries = 0; ; retries += 1) {
      await sign(options, clock, headers, request, body);
      const init = { method, headers, ...(body.byteLength > 0 && { body }) };
      const outcome = await tryOnce(options, new URL(request.url), init, signal);
      const isLast = retries >= (options.maxRetries ?? MAX_RETRIES);
      const delayMs = isLast ? undefined : retryDelayMs(retries, outcome.response, dice(), clock.now());
      if (delayMs === undefined) {
        if (outcome.response) return outcome.response;
        throw new PgwConnectionError(method, new URL(request.url).pathname, outcome.error);
      }
      await outcome.response?.body?.cancel();
      await clock.sleep(delayMs, signal);
      signal.throwIfAborted();
    }
  };
}

/** For each try anew: a signature is good for five minutes. */
async function sign(
  { credentials }: ClientOptions,
  clock: Clock,
  headers: Headers,
  { method, url }: Request,
  body: ArrayBuffer,
): Promise<void> {
  if (!credentials) return;
  const { pathname } = new URL(url);
  headers.set('Authorization', await authorizationOf(credentials, method, pathname, body, clock.now()));
}

async function tryOnce(
  options: ClientOptions,
  url: URL,
  init: RequestInit,
  signal: AbortSignal,
): Promise<{ response?: Response; error?: unknown }> {
  const patience = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const request = new Request(url, { ...init, signal: AbortSignal.any([signal, patience]) });
  try {
    return { response: await readWhole(await (options.fetch ?? fetch)(request)) };
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  }
}

/** With its body, so that an answer that breaks off is a try that failed and not a riddle for the caller. */
async function readWhole(response: Response): Promise<Response> {
  if (response.headers.get('Content-Type')?.startsWith('text/event-stream')) return response;
  const body = await response.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, response);
}
