/**
 * Webhooks about payments that the gateway does not know are orphaned: kept, counted and reported, because they may be
 * about money that nobody knows of. All others that were processed are removed after some time. The wider check is not
 * validated, because every row satisfied the narrower one.
 */
export const sql = `
alter table provider_webhooks drop constraint provider_webhooks_status;
alter table provider_webhooks add constraint provider_webhooks_status
  check (status in ('received', 'processed', 'ignored', 'orphaned')) not valid;

update provider_webhooks set status = 'orphaned'
where status = 'ignored' and note = 'unknown_reference' and coalesce(attempt_id, provider_payment_id) is not null;

create index provider_webhooks_orphaned on provider_webhooks (id) where status = 'orphaned';
create index provider_webhooks_to_remove on provider_webhooks (processed_at) where status in ('processed', 'ignored');
`;
