/**
 * Webhooks about payments that the gateway does not know are orphaned: kept, counted and reported, because they may be
 * about money that nobody knows of. The wider check is not validated, because every row satisfied the narrower one.
 */
export const sql = `
alter table provider_webhooks drop constraint provider_webhooks_status;
alter table provider_webhooks add constraint provider_webhooks_status
  check (status in ('received', 'processed', 'ignored', 'orphaned')) not valid;
`;
