/**
 * Acts: what somebody did to the gateway's settings, secrets and money, for the audit log.
 */

/** `command_line`: pgw, by the name of the operating system's user. */
export type ActorKind = 'operator' | 'api_key' | 'command_line' | 'gateway';

export interface Actor {
  readonly kind: ActorKind;
  /** `op_…`, the API key, the user's name, or the gateway's own name for what it does by itself. */
  readonly id: string;
}

export const ACT_TYPES = [
  'api_key.created',
  'api_key.updated',
  'api_key.rotated',
  'api_key.revoked',
  'merchant.created',
  'merchant.changed',
  'merchant.assigned',
  'merchant_limit.changed',
  'webhook_endpoint.created',
  'webhook_endpoint.updated',
  'webhook_endpoint.deleted',
  'webhook_endpoint.enabled',
  'webhook_endpoint.paused',
  'webhook_endpoint.disabled',
  'webhook_endpoint.secret_rotated',
  'webhook_endpoint.replayed',
  'webhook_delivery.redelivered',
  'provider_webhook.replayed',
  'orphaned_payment.dismissed',
  'payment.refreshed',
  'payment.cancelled',
  'payment.captured',
  'payment.noted',
  'payments.exported',
  'refund.created',
  'encryption.rotated',
  'encryption.key_accepted',
  'operator.invited',
  'operator.changed',
  'operator.disabled',
  'operator.enabled',
  'operator.signed_in',
  'operator.signed_out',
  'operator.verified',
  'passkey.added',
  'passkey.removed',
  'session.ended',
  'audit.exported',
] as const;
export type ActType = (typeof ACT_TYPES)[number];

/** Plain data; secrets only as fingerprints. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** Who acts, why, and from where; the same for everything that one request or command does. */
export interface ActContext {
  readonly actor: Actor;
  /** In the actor's words. */
  readonly reason?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface Act extends ActContext {
  readonly type: ActType;
  /** What it was done to, such as a payment intent, by its id. */
  readonly objectType: string;
  readonly objectId: string;
  readonly merchantId?: string | undefined;
  readonly storeId?: string | undefined;
  /** Only what the act changed; undefined: there was nothing before. */
  readonly before?: Json | undefined;
  readonly after?: Json | undefined;
}

/** An act with its place in the chain: each row contains the hash of the row before it. */
export interface AuditRow extends Act {
  /** From 1, without gaps. */
  readonly position: number;
  readonly createdAt: Date;
  /** Lower-case hex SHA-256. */
  readonly previousHash: string;
  readonly hash: string;
}
