/**
 * The audit log: what operators, API keys and syncs changed. Each row contains the hash of the row before it, and one row holds
 * the position and the hash of the last, so a row that was changed or removed is found by reading the chain. Triggers make the
 * log append-only.
 *
 * `before` and `after` are text, because the hash is over their bytes, which jsonb would not keep; and times have milliseconds,
 * because the hash has no more.
 */
export const sql = `
create table audit_log (
  position       bigint primary key,
  created_at     timestamptz not null,
  actor_kind     text not null,
  actor_id       text not null,
  type           text not null,
  object_type    text not null,
  object_id      text not null,
  merchant_id    text,
  store_id       text,
  reason         text,
  client_address text,
  request_id     text,
  before         text,
  after          text,
  previous_hash  text not null,
  hash           text not null,
  constraint audit_log_position check (position > 0),
  constraint audit_log_created_at check (created_at = date_trunc('milliseconds', created_at)),
  constraint audit_log_actor_kind check (actor_kind in ('operator', 'api_key', 'command_line', 'gateway')),
  constraint audit_log_type check (length(type) between 1 and 64),
  constraint audit_log_hash check (length(hash) = 64 and length(previous_hash) = 64)
);
comment on column audit_log.before is 'only what the act changed, as JSON; null: nothing was there. Secrets are fingerprints';
comment on column audit_log.reason is 'in the words of the operator';

create index audit_log_by_object on audit_log (object_id, position);
create index audit_log_by_actor on audit_log (actor_id, position);
create index audit_log_by_merchant on audit_log (merchant_id, position) where merchant_id is not null;
create index audit_log_by_type on audit_log (type, position);
create index audit_log_by_time on audit_log (created_at);

create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();
create trigger audit_log_not_emptied before truncate on audit_log
  for each statement execute function refuse_change();

create table audit_head (
  is_only  boolean primary key default true,
  position bigint not null,
  hash     text not null,
  constraint audit_head_is_only check (is_only)
);
comment on table audit_head is 'the last row of the audit log; its lock puts the rows in one order';
insert into audit_head (position, hash) values (0, repeat('0', 64));

create trigger audit_head_kept before delete on audit_head
  for each row execute function refuse_change();
create trigger audit_head_not_emptied before truncate on audit_head
  for each statement execute function refuse_change();
`;
