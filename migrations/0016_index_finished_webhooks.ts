/**
 * Indexes for orphaned webhooks, which are kept, and for the others, which are removed some time after processing. This is
 * a migration of its own because it scans the table, and the previous one must hold its exclusive lock only briefly. The
 * indexes are built concurrently, so that no webhook waits for a lock.
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
