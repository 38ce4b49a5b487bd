/**
 * Adds the status `orphaned` for webhooks about payments that the gateway does not know. They are kept, counted and
 * reported, because the payer's money may be at the provider. The wider check is not validated, because every existing row
 * satisfies the narrower one.
 */
export const sql = `
alter table provider_webhooks drop constraint provider_webhooks_status;
alter table provider_webhooks add constraint provider_webhooks_status
  check (status in ('received', 'processed', 'ignored', 'orphaned')) not valid;
`;
