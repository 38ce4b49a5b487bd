/**
 * Sends webhooks: one POST with the headers of Standard Webhooks, over connections that lead only to public addresses.
 * Nothing is read from the environment, no proxy is used and no redirect followed.
 */
import { performance } from 'node:perf_hooks';
import type { Agent } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { signatureHeader } from '../lib/webhooks/signature.ts';
import { createAgent } from './agent.ts';
import { hostOf, notPublic, parseEndpointUrl } from './endpoint-url.ts';
import { exchange } from './exchange.ts';
import { exchangeFault, SendFault } from './problems.ts';
import { addressRule, createLookup, createResolve, type Lookup } from './resolve.ts';
import { excerptOf, retryAfterSeconds } from './response.ts';
import type { OutgoingWebhook, SendResult, UrlFault, WebhookSender } from './sender.ts';

export interface SenderOptions {
  /** Whether payments are simulated: then http and this machine are allowed too. */
  readonly allowsLocal: boolean;
  /** The real time, which a date in Retry-After is compared with. */
  readonly wallClock: Clock;
  /** Finds the addresses of a host name; by DNS by default. */
  readonly lookup?: Lookup;
  /** Trusted authorities, as PEM; by default those of Node. */
  readonly ca?: string;
  /** Of a whole try; 15 s by default. */
  readonly timeoutMs?: number;
  /** Of opening a connection, and of the TLS handshake; 4 s each by default. */
  readonly stepTimeoutMs?: number;
  /** How long an idle connection stays open; 4 s by default. */
  readonly idleMs?: number;
  /** Connections to one origin; 600 by default. */
  readonly maxConnections?: number;
}

type Outcome = SendResult extends infer R ? (R extends unknown ? Omit<R, 'durationMs'> : never) : never;

const TIMEOUT_MS = 15_000;
const IDLE_MS = 4_000;
/**
 * More than the deliveries and pings that a process has in flight, so no request waits for the connection of another: many
 * merchants can use one origin, such as that of a platform, and some of their receivers there hang.
 */
const MAX_CONNECTIONS_PER_ORIGIN = 600;
const USER_AGENT = 'mpac-pgw/1';

/** Also returns its agent, whose connections tests count. */
export function createWebhookSender(options: SenderOptions): WebhookSender & { readonly agent: Agent } {
  const { allowsLocal, wallClock, timeoutMs = TIMEOUT_MS } = options;
  const isAllowed = addressRule(allowsLocal);
  const resolve = createResolve(options.lookup ?? createLookup(), isAllowed);
  const { idleMs = IDLE_MS, maxConnections = MAX_CONNECTIONS_PER_ORIGIN } = options;
  const agent = createAgent(
    { ...options, resolve, isAllowed },
    { idleMs, connectionsPerOrigin: maxConnections },
  );

  async function attempt(webhook: OutgoingWebhook): Promise<Outcome> {
    const url = parseEndpointUrl(webhook.url, allowsLocal);
    if (!(url instanceof URL)) {
      // The endpoint was created while payments were simulated, or under earlier rules.
      return { kind: 'no_response', problem: 'address_not_allowed', message: url.message };
    }
    const host = hostOf(url);
    const request = requestOf(webhook, url);
    try {
      const { status, headers, body } = await exchange(agent, request, host, timeoutMs);
      return {
        kind: 'response',
        status,
        retryAfterSeconds: retryAfterSeconds(headers['retry-after'], wallClock.now()),
        excerpt: excerptOf(body),
      };
    } catch (error) {
      const { problem, message } = exchangeFault(host, error);
      return { kind: 'no_response', problem, message };
    }
  }

  return {
    agent,
    async send(webhook) {
      const startedMs = performance.now();
      const outcome = await attempt(webhook);
      return { ...outcome, durationMs: Math.round(performance.now() - startedMs) };
    },
    findUrlFault: (text) => findUrlFault(parseEndpointUrl(text, allowsLocal), resolve),
    close: () => agent.destroy(),
  };
}

/** A name that cannot be resolved is not a fault: DNS may be set up later, and each delivery checks its addresses anyway. */
async function findUrlFault(
  url: URL | UrlFault,
  resolve: (host: string) => Promise<unknown>,
): Promise<UrlFault | undefined> {
  if (!(url instanceof URL)) {
    return url;
  }
  try {
    await resolve(hostOf(url));
    return undefined;
  } catch (error) {
    return error instanceof SendFault && error.problem === 'address_not_allowed' ? notPublic() : undefined;
  }
}

function requestOf({ eventId, body, keys, timestamp }: OutgoingWebhook, url: URL) {
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST' as const,
    headers: {
      'content-type': 'application/json',
      'user-agent': USER_AGENT,
      'webhook-id': eventId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureHeader(keys, eventId, timestamp, body),
    },
    body,
  };
}
