/**
 * Deliveries: one event to one webhook endpoint, with the attempts that were made.
 */

export type DeliveryStatus = 'pending' | 'succeeded' | 'failed';

export interface DeliveryAttempt {
  readonly at: Date;
  readonly durationMs: number;
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** Why there was no response: a stable word, and a sentence. */
  readonly problem: string | undefined;
  readonly message: string | undefined;
  readonly responseExcerpt: string | undefined;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  /** The position of the event in the feed. */
  readonly position: number;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly tries: number;
  readonly nextTryAt: Date | undefined;
  /** The last 20, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly createdAt: Date;
  readonly endedAt: Date | undefined;
}
