/**
 * Follows the events feed and delivers each event to one receiver, as the gateway's webhooks do: signed, in the order of the
 * feed, repeated until it is accepted. The next event waits meanwhile, so that none is lost.
 */
import { setMaxListeners } from 'node:events';
import { type ClientOptions, type components, createClient } from '../../client/index.ts';
import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { type Clock, monotonicMs } from '../../lib/clock.ts';
import { signatureHeader } from '../../lib/webhooks/signature.ts';

type Event = components['schemas']['Event'];

export interface Forwarding {
  readonly client: ClientOptions;
  /** The URL of the receiver. */
  readonly forwardTo: string;
  /** `whsec_…` */
  readonly secret: string;
  /** Undefined: all. */
  readonly types: readonly string[] | undefined;
  /** A cursor or `oldest`; undefined: from now on. */
  readonly after: string | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Gets a line for each attempt. */
  print(line: string): void;
}

/** As the gateway allows a receiver. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** Shorter than the gateway's, because a developer waits for it. */
const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 10_000 };
/** The middle of its range: there is only one sender. */
const NO_JITTER = 0.5;

/**
 * Runs until the signal.
 * @returns the cursor after which to continue; undefined if it ended before it had one
 * @throws PgwError when the gateway refuses the request, PgwConnectionError when it cannot be reached at the start
 */
export async function forwardEvents(forwarding: Forwarding): Promise<string | undefined> {
  const { client, types, signal } = forwarding;
  // Every request and pause listens to it, and they come one after the other.
  setMaxListeners(0, signal);
  const pgw = createClient(client);
  let cursor = forwarding.after;
  try {
    if (cursor === undefined) {
      cursor = (await pgw.listEvents({ limit: 1 }, { signal })).next_cursor;
      forwarding.print(`Waiting for events after ${cursor}`);
    }
    const filter = types && { types };
    for await (const entry of pgw.eachEvent({ after: cursor, ...filter, signal })) {
      await deliver(entry.event, forwarding);
      cursor = entry.cursor;
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
  return cursor;
}

/** @throws the signal's reason */
async function deliver(event: Event, forwarding: Forwarding): Promise<void> {
  const { signal, clock, print } = forwarding;
  for (let failures = 0; ; failures += 1) {
    const startedMs = monotonicMs(clock);
    const outcome = await attempt(event, forwarding);
    signal.throwIfAborted();
    const line = `${event.timestamp}  ${event.type}  ${event.id}  ${outcome.text}`;
    if (outcome.isAccepted) {
      return print(`${line} (${Math.round(monotonicMs(clock) - startedMs)} ms)`);
    }
    const delayMs = backoffMs(failures, BACKOFF, NO_JITTER);
    print(`${line}, again in ${Math.ceil(delayMs / 1_000)} s`);
    await clock.sleep(delayMs, signal);
    signal.throwIfAborted();
  }
}

async function attempt(
  event: Event,
  { forwardTo, secret, signal, clock }: Forwarding,
): Promise<{ readonly isAccepted: boolean; readonly text: string }> {
  const body = JSON.stringify(event);
  const timestamp = Math.floor(clock.now().getTime() / 1_000);
  try {
    const response = await fetch(forwardTo, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': event.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatureHeader([secret], event.id, timestamp, body),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    return { isAccepted: response.ok, text: String(response.status) };
  } catch (error) {
    return { isAccepted: false, text: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return name === 'TimeoutError'
    ? `no response within ${ATTEMPT_TIMEOUT_MS / 1_000} s`
    : (cause?.code ?? cause?.message ?? message);
}
