/**
 * The inbox by status, newest first, for the console: webhooks that were ignored are few among those that were processed. Built
 * concurrently, so that no webhook waits.
 */
export const steps = [
  'drop index concurrently if exists provider_webhooks_by_status',
  'create index concurrently provider_webhooks_by_status on provider_webhooks (status, id)',
];
