/**
 * pingWebhookEndpoint: sends an event of type `ping` to one endpoint now, and returns what happened. The event is stored
 * before, so that it is in the feed whatever happens. A repetition after a crash sends another ping, which does no harm.
 */
import { insertOutboxEvent } from '../../../store/webhooks/outbox-events.ts';
import type { SendResult } from '../../../webhook-sender/sender.ts';
import type { ServiceDeps } from '../../deps.ts';
import { newEndpointEvent } from '../../webhooks/endpoint-events.ts';
import { getEndpoint, readableKeys } from '../../webhooks/endpoints.ts';
import { workingKeys } from '../../webhooks/signing-keys.ts';

export interface PingResult {
  readonly isDelivered: boolean;
  readonly durationMs: number;
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** What is wrong, in words; undefined if it was delivered. */
  readonly problem: string | undefined;
  readonly responseExcerpt: string | undefined;
}

/** After the loss of the encryption key. */
const UNSIGNABLE: PingResult = {
  isDelivered: false,
  durationMs: 0,
  status: undefined,
  problem: 'The signing key of this endpoint was lost; rotate its secret',
  responseExcerpt: undefined,
};

/** @throws not_found, rate_limit_exceeded */
export async function pingWebhookEndpoint(
  deps: ServiceDeps,
  { merchantId, endpointId }: { merchantId: string; endpointId: string },
): Promise<PingResult> {
  const stored = await getEndpoint(deps.db, endpointId, merchantId);
  const { endpoint } = stored;
  const keys = workingKeys(readableKeys(deps, stored.endpoint.id, stored.sealedKeys), deps.clock.now());
  if (keys.length === 0) {
    return UNSIGNABLE;
  }
  const leave = deps.pingLimits.enter(merchantId, endpoint.id);
  try {
    const event = newEndpointEvent(deps, 'ping', endpoint);
    await insertOutboxEvent(deps.db, event);
    const result = await deps.webhookSender.send({
      url: endpoint.url,
      eventId: event.eventId,
      body: event.body,
      keys,
      timestamp: Math.floor(deps.wallClock.now().getTime() / 1000),
    });
    return toPingResult(result);
  } finally {
    leave();
  }
}

function toPingResult(result: SendResult): PingResult {
  const durationMs = Math.round(result.durationMs);
  if (result.kind === 'no_response') {
    const none = { status: undefined, responseExcerpt: undefined };
    return { isDelivered: false, durationMs, problem: result.message, ...none };
  }
  const { status, excerpt } = result;
  const isDelivered = status >= 200 && status < 300;
  return {
    isDelivered,
    durationMs,
    status,
    problem: isDelivered ? undefined : describeStatus(status),
    responseExcerpt: excerpt === '' ? undefined : excerpt,
  };
}

/** Says what the receiver should do instead. */
function describeStatus(status: number): string {
  if (status >= 300 && status < 400) {
    return `The endpoint responded with the redirect ${status}, which is not followed; register the final URL`;
  }
  if (status === 410) {
    return 'The endpoint responded with 410 (Gone); a delivery of an event would disable it';
  }
  return `The endpoint responded with ${status}; only 2xx means that it has accepted the event`;
}
