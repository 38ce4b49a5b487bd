/**
 * The circuit of a webhook endpoint: when it is suspended, and when it is disabled. Pure.
 */
import type { DisabledReason, EndpointHealth } from '../webhook-endpoint.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Failures in a row that suspend an endpoint. */
const MAX_FAILURES = 5;
/** How long it is suspended; doubles with each probe that fails. */
const SUSPENSION = { firstMs: MINUTE, maxMs: 15 * MINUTE };
/** An endpoint that has accepted nothing for this long is disabled. */
const DISABLED_AFTER_MS = 120 * HOUR;
/** Failures further back are not part of the present outage. */
const FORGOTTEN_AFTER_MS = 240 * HOUR;

/** An endpoint that has not failed since its last success. */
export const HEALTHY: EndpointHealth = {
  failures: 0,
  failingSince: undefined,
  lastFailureAt: undefined,
  suspensions: 0,
  suspendedUntil: undefined,
};

export interface EndpointFailure {
  /** The receiver has responded that the endpoint does not exist any more. */
  readonly isGone: boolean;
  /** It was the one try of a suspended endpoint. */
  readonly isProbe: boolean;
}

export interface FailedHealth {
  readonly health: EndpointHealth;
  /** Why the endpoint is to be disabled, if it is. */
  readonly disable: DisabledReason | undefined;
}

/** The health of an endpoint after a try that failed at `now`. */
export function healthAfterFailure(
  before: EndpointHealth,
  { isGone, isProbe }: EndpointFailure,
  now: Date,
): FailedHealth {
  const known = isForgotten(before, now) ? HEALTHY : before;
  const failingSince = known.failingSince ?? now;
  const failed = { ...known, failures: known.failures + 1, failingSince, lastFailureAt: now };
  const isFailing = now.getTime() - failingSince.getTime() >= DISABLED_AFTER_MS;
  return {
    health: isSuspending(failed, isProbe) ? suspended(failed, now) : failed,
    disable: isGone ? 'gone' : isFailing ? 'failing' : undefined,
  };
}

function isForgotten({ lastFailureAt }: EndpointHealth, now: Date): boolean {
  return lastFailureAt !== undefined && now.getTime() - lastFailureAt.getTime() > FORGOTTEN_AFTER_MS;
}

/** Tries that began before the suspension do not lengthen it. */
function isSuspending({ failures, suspendedUntil }: EndpointHealth, isProbe: boolean): boolean {
  return isProbe || (suspendedUntil === undefined && failures >= MAX_FAILURES);
}

function suspended(health: EndpointHealth, now: Date): EndpointHealth {
  const periodMs = Math.min(SUSPENSION.firstMs * 2 ** health.suspensions, SUSPENSION.maxMs);
  return {
    ...health,
    suspensions: health.suspensions + 1,
    suspendedUntil: new Date(now.getTime() + periodMs),
  };
}
