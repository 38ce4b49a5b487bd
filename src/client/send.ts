/**
 * Sends a request of the typed client: one Idempotency-Key for all attempts, a new signature for each, a timeout per
 * attempt, and retries of transient failures.
 */
import { systemClock } from '../lib/clock.ts';
import { startDeadline } from './deadline.ts';
import { PgwConnectionError } from './errors.ts';
import type { ClientOptions } from './options.ts';
import { retryDelayMs } from './retry.ts';
import { authorizationOf, hex } from './sign.ts';
import { createSigningClock } from './signing-clock.ts';

const MAX_RETRIES = 3;
/** Of one attempt, by default. */
export const TIMEOUT_MS = 40_000;

export type Send = (request: Request) => Promise<Response>;

/** The returned function throws PgwConnectionError if there is no response, or the reason of an aborted signal. */
export function createSend(options: ClientOptions): Send {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const signingClock = createSigningClock(clock);
  return async function send(request) {
    const body = await request.arrayBuffer();
    const { method, signal } = request;
    const headers = new Headers(request.headers);
    if (method === 'POST' && !headers.has('Idempotency-Key')) {
      headers.set('Idempotency-Key', newKey());
    }
    const attempt = async () => {
      await sign(options, signingClock.now(), headers, request, body);
      const init = { method, headers, ...(body.byteLength > 0 && { body }) };
      return tryOnce(options, new URL(request.url), init, signal);
    };
    for (let retries = 0; ; retries += 1) {
      let outcome = await attempt();
      if (await signingClock.correctBy(outcome.response)) {
        outcome = await attempt();
      }
      const isLast = retries >= (options.maxRetries ?? MAX_RETRIES);
      const delayMs = isLast ? undefined : retryDelayMs(retries, outcome.response, random(), clock.now());
      if (delayMs === undefined) {
        if (outcome.response) {
          return outcome.response;
        }
        throw new PgwConnectionError(method, new URL(request.url).pathname, outcome.error);
      }
      await outcome.response?.body?.cancel();
      await clock.sleep(delayMs, signal);
      signal.throwIfAborted();
    }
  };
}

/** Not crypto.randomUUID: browsers offer it over https only, and a shop may reach its gateway by http. */
function newKey(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)).buffer);
}

/** Signs each attempt anew, because a signature is valid for five minutes only. */
async function sign(
  { baseUrl, credentials }: ClientOptions,
  now: Date,
  headers: Headers,
  { method, url }: Request,
  body: ArrayBuffer,
): Promise<void> {
  if (!credentials) {
    return;
  }
  const path = pathAtGateway(new URL(url), baseUrl);
  headers.set('Authorization', await authorizationOf(credentials, method, path, body, now));
}

/** The path to sign. The gateway serves at the root, so a path prefix in `baseUrl` is stripped by a proxy before it. */
function pathAtGateway(url: URL, baseUrl: string): string {
  const prefix = new URL(baseUrl, url.origin).pathname.replace(/\/+$/, '');
  return url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
}

async function tryOnce(
  options: ClientOptions,
  url: URL,
  init: RequestInit,
  signal: AbortSignal,
): Promise<{ response?: Response; error?: unknown }> {
  const deadline = startDeadline(options.timeoutMs ?? TIMEOUT_MS, signal);
  const request = new Request(url, { ...init, signal: deadline.signal });
  try {
    return { response: await bufferBody(await (options.fetch ?? fetch)(request)) };
  } catch (error) {
    signal.throwIfAborted();
    return { error };
  } finally {
    deadline.end();
  }
}

/**
 * Reads the whole body, so that a response that breaks off is retried like any failed attempt. A stream of events is
 * left to the caller.
 */
async function bufferBody(response: Response): Promise<Response> {
  if (response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
    return response;
  }
  const body = await response.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, response);
}
