/**
 * Webhooks to merchants: where they go, and each delivery of an event to an endpoint with its attempts. Keys of merchants
 * get the scope `events`, because they can already read everything that an event contains.
 *
 * A delivery is pending until its endpoint has accepted it or all tries have failed. Claiming one moves `next_try_at` to
 * the end of its lease, so a delivery whose process died becomes due again.
 */
export const sql = `
alter table api_keys drop constraint api_keys_scopes;
alter table api_keys drop constraint api_keys_payments_need_merchant;
update api_keys set scopes = scopes || '{events}' where 'payments' = any(scopes);
alter table api_keys add constraint api_keys_scopes
  check (scopes <@ array['payments', 'events', 'sync'] and cardinality(scopes) >= 1);
alter table api_keys add constraint api_keys_sync_has_no_merchant
  check (('sync' = any(scopes)) = (merchant_id is null));

create table webhook_endpoints (
  id                 text primary key,
  merchant_id        text not null references merchants (id),
  url                text not null,
  description        text,
  event_types        text[],
  merchant_store_ids text[],
  ordering           text not null,
  signature          text not null,
  max_per_second     integer,
  status             text not null,
  disabled_reason    text,
  secrets            bytea,
  idempotency_id     text,
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  failures           integer not null default 0,
  failing_since      timestamptz,
  last_failure_at    timestamptz,
  suspensions        integer not null default 0,
  suspended_until    timestamptz,
  paced_second       timestamptz,
  paced_count        integer not null default 0,
  constraint webhook_endpoints_id check (id ~ '^we_[0-9A-HJKMNP-TV-Z]{26}$'),
  constraint webhook_endpoints_url_length check (length(url) between 1 and 2048),
  constraint webhook_endpoints_ordering check (ordering in ('none', 'per_payment_intent')),
  constraint webhook_endpoints_signature check (signature in ('hmac', 'ed25519')),
  constraint webhook_endpoints_status check (status in ('enabled', 'paused', 'disabled', 'deleted')),
  constraint webhook_endpoints_disabled check (
    (disabled_reason is not null) = (status = 'disabled') and disabled_reason in ('gone', 'failing', 'operator')),
  constraint webhook_endpoints_secrets check ((status = 'deleted') = (secrets is null))
);
create index webhook_endpoints_by_merchant on webhook_endpoints (merchant_id, id) where status <> 'deleted';
comment on column webhook_endpoints.event_types is 'null: all';
comment on column webhook_endpoints.merchant_store_ids is 'null: all, and events of no store';
comment on column webhook_endpoints.secrets is 'JSON, encrypted at rest: the signing keys with their ends';
comment on column webhook_endpoints.idempotency_id is 'names the request that created it, so that a repetition after a crash finds it';
comment on column webhook_endpoints.failures is 'failed tries since the last success';
comment on column webhook_endpoints.suspensions is 'suspensions since the last success, which lengthen the next';
comment on column webhook_endpoints.suspended_until is 'when the next try is made; null: not suspended';
comment on column webhook_endpoints.paced_count is 'deliveries begun in paced_second, for max_per_second';

create table webhook_deliveries (
  id          text primary key,
  endpoint_id text not null references webhook_endpoints (id),
  merchant_id text not null,
  event_id    text not null,
  position    bigint not null,
  event_type  text not null,
  object_id   text not null,
  is_ordered  boolean not null,
  status      text not null,
  tries       integer not null default 0,
  next_try_at timestamptz,
  attempts    jsonb not null default '[]',
  created_at  timestamptz not null,
  ended_at    timestamptz,
  constraint webhook_deliveries_once unique (endpoint_id, position),
  constraint webhook_deliveries_id check (id ~ '^wd_[0-9A-HJKMNP-TV-Z]{26}$'),
  constraint webhook_deliveries_status check (status in ('pending', 'succeeded', 'failed')),
  constraint webhook_deliveries_due check ((status = 'pending') = (next_try_at is not null)),
  constraint webhook_deliveries_ended check ((status = 'pending') = (ended_at is null))
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_try_at) where status = 'pending';
create index webhook_deliveries_failed on webhook_deliveries (endpoint_id, position, event_id) where status = 'failed';
create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, object_id, position)
  where status = 'pending' and is_ordered;
comment on column webhook_deliveries.position is 'of the event in the feed';
comment on column webhook_deliveries.is_ordered is 'waits until earlier deliveries of the same object to the same endpoint have ended';
comment on column webhook_deliveries.tries is 'since it was created or last sent again by hand';
comment on column webhook_deliveries.attempts is 'the last 20, oldest first';
`;
