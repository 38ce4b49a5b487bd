/**
 * The inbox keeps orphaned webhooks and loses the others some time after they were processed. Apart from the migration
 * before, whose lock on the table must not last for as long as this reads it; and without a lock for which a webhook has to
 * wait.
 */
export const steps = [
  `update provider_webhooks set status = 'orphaned'
   where status = 'ignored' and note = 'unknown_reference' and coalesce(attempt_id, provider_payment_id) is not null`,
  'drop index concurrently if exists provider_webhooks_orphaned',
  "create index concurrently provider_webhooks_orphaned on provider_webhooks (id) where status = 'orphaned'",
  'drop index concurrently if exists provider_webhooks_to_remove',
  `create index concurrently provider_webhooks_to_remove on provider_webhooks (processed_at)
   where status in ('processed', 'ignored')`,
];
