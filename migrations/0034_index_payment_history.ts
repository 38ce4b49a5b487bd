/**
 * What the console shows of a payment: the provider's webhooks about its attempts, and the deliveries of its events to the
 * merchant's endpoints. Built concurrently, so that no payment waits.
 */
export const steps = [
  'drop index concurrently if exists provider_webhooks_by_attempt',
  `create index concurrently provider_webhooks_by_attempt
   on provider_webhooks (attempt_id, id) where attempt_id is not null`,
  'drop index concurrently if exists webhook_deliveries_by_object',
  'create index concurrently webhook_deliveries_by_object on webhook_deliveries (object_id, position)',
];
