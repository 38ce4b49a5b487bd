/**
 * Fetches an image from a merchant's server, as carefully as webhooks are sent: only public addresses, checked again on the open
 * connection, no redirects, and limits of time and size.
 */
import { createAgent } from './agent.ts';
import { hostOf, parseEndpointUrl } from './endpoint-url.ts';
import { exchange } from './exchange.ts';
import { exchangeFault } from './problems.ts';
import { addressRule, createLookup, createResolve, type Lookup } from './resolve.ts';
import type { ImageFetcher } from './sender.ts';

export interface FetcherOptions {
  /** Whether payments are simulated: then http and this machine are allowed too. */
  readonly allowsLocal: boolean;
  /** Finds the addresses of a host name; by DNS by default. */
  readonly lookup?: Lookup;
  /** Of a whole fetch; 15 s by default. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** Logos are fetched rarely, so a connection need not wait for the next one. */
const LIMITS = { idleMs: 1, connectionsPerOrigin: 8 };
const HEADERS = { accept: 'image/png, image/jpeg, image/webp', 'user-agent': 'mpac-pgw/1' };

export function createImageFetcher(options: FetcherOptions): ImageFetcher {
  const { allowsLocal, timeoutMs = TIMEOUT_MS } = options;
  const isAllowed = addressRule(allowsLocal);
  const resolve = createResolve(options.lookup ?? createLookup(), isAllowed);
  const agent = createAgent({ resolve, isAllowed }, LIMITS);
  return {
    findUrlFault(text) {
      const url = parseEndpointUrl(text, allowsLocal);
      return url instanceof URL ? undefined : url;
    },
    async fetch(text, maxBytes) {
      const url = parseEndpointUrl(text, allowsLocal);
      if (!(url instanceof URL)) {
        // The URL was synced while payments were simulated.
        return { fault: url.constraint === 'https' ? 'Use https' : url.message };
      }
      const host = hostOf(url);
      const readLimits = { maxReadBytes: maxBytes + 1, maxKeptBytes: maxBytes + 1 };
      const path = `${url.pathname}${url.search}`;
      const request = { origin: url.origin, path, method: 'GET' as const, headers: HEADERS };
      try {
        const { status, body } = await exchange(agent, request, host, timeoutMs, readLimits);
        return status === 200 ? { content: body } : { fault: statusFault(host, status) };
      } catch (error) {
        return { fault: exchangeFault(host, error).message };
      }
    },
    close: () => agent.destroy(),
  };
}

function statusFault(host: string, status: number): string {
  const advice = status >= 300 && status < 400 ? '; redirects are not followed, so use the final URL' : '';
  return `${host} responded with status ${status}${advice}`;
}
