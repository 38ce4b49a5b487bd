/**
 * Stored responses for repeated requests. The scope is the caller, so that keys of different merchants do not conflict.
 * A row without a response is a request that is still running, or whose process died; then its lease expires within
 * seconds.
 */
export const sql = `
create table idempotency_keys (
  scope           text not null,
  operation       text not null,
  key             text not null,
  request_hash    bytea not null,
  leased_by       text,
  leased_until    timestamptz,
  response_status smallint,
  response_body   bytea,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  primary key (scope, operation, key),
  constraint idempotency_keys_key check (length(key) between 1 and 255),
  constraint idempotency_keys_hash check (octet_length(request_hash) = 32),
  constraint idempotency_keys_answer check ((response_status is null) = (response_body is null)),
  constraint idempotency_keys_lease check ((leased_by is null) = (leased_until is null))
);
comment on column idempotency_keys.response_body is 'encrypted at rest: answers hold payment tokens';

create index idempotency_keys_to_remove on idempotency_keys (expires_at);
`;
