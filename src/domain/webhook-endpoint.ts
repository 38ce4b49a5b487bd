/**
 * Webhook endpoints: where a merchant receives its events, and which of them.
 */

export type EndpointStatus = 'enabled' | 'paused' | 'disabled';
export type DisabledReason = 'gone' | 'failing' | 'operator';

/** How the endpoint has responded lately. */
export interface EndpointHealth {
  /** Failed tries since the last success. */
  readonly failures: number;
  readonly failingSince: Date | undefined;
  readonly lastFailureAt: Date | undefined;
  /** Suspensions since the last success. */
  readonly suspensions: number;
  /** When the next try is made; undefined unless suspended. */
  readonly suspendedUntil: Date | undefined;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly merchantId: string;
  readonly url: string;
  readonly description: string | undefined;
  /** Undefined: all. */
  readonly eventTypes: readonly string[] | undefined;
  /** Undefined: all, and events of no store. */
  readonly merchantStoreIds: readonly string[] | undefined;
  readonly ordering: 'none' | 'per_payment_intent';
  readonly signature: 'hmac' | 'ed25519';
  readonly maxPerSecond: number | undefined;
  readonly status: EndpointStatus;
  readonly disabledReason: DisabledReason | undefined;
  readonly health: EndpointHealth;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The status as merchants and operators see it: a suspension is stored apart, because it ends by itself. */
export function shownStatus({
  status,
  health,
}: Pick<WebhookEndpoint, 'status' | 'health'>): EndpointStatus | 'suspended' {
  return status === 'enabled' && health.suspendedUntil !== undefined ? 'suspended' : status;
}

/** Whether an event is delivered to an endpoint. A ping goes only to the endpoint that it was requested for. */
export function isSubscribed(
  endpoint: Pick<WebhookEndpoint, 'eventTypes' | 'merchantStoreIds'>,
  event: { readonly type: string; readonly merchantStoreId: string | undefined },
): boolean {
  const { eventTypes, merchantStoreIds } = endpoint;
  if (event.type === 'ping' || (eventTypes && !eventTypes.includes(event.type))) {
    return false;
  }
  const { merchantStoreId } = event;
  return !merchantStoreIds || (merchantStoreId !== undefined && merchantStoreIds.includes(merchantStoreId));
}
