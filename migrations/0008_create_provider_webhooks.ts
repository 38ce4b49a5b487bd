/**
 * The inbox of provider webhooks: each is stored before it is acknowledged and processed afterwards. Repeated
 * deliveries of a webhook share one row.
 */
export const sql = `
create table provider_webhooks (
  id                  bigint generated always as identity primary key,
  provider            text not null,
  dedupe_key          text not null,
  type                text not null,
  attempt_id          text,
  provider_payment_id text,
  body                bytea not null,
  peer_address        text,
  deliveries          integer not null default 1,
  status              text not null,
  tries               integer not null default 0,
  next_try_at         timestamptz,
  received_at         timestamptz not null,
  processed_at        timestamptz,
  note                text,
  constraint provider_webhooks_once unique (provider, dedupe_key),
  constraint provider_webhooks_status check (status in ('received', 'processed', 'ignored')),
  constraint provider_webhooks_due check ((status = 'received') = (next_try_at is not null)),
  constraint provider_webhooks_processed check ((status = 'received') = (processed_at is null))
);

create index provider_webhooks_to_process on provider_webhooks (next_try_at) where next_try_at is not null;
`;
