/**
 * Upstream systems own merchants: a sync key belongs to one upstream system, a merchant belongs to the one that synced it
 * first, and no other may change it. Existing keys and merchants belong to the upstream system `default`.
 *
 * Changes of the fields that decide where a merchant's money goes and who may frame its payment page are recorded: one row
 * per change, written in the same transaction. The table is append-only; triggers refuse anything else, even from the
 * gateway itself.
 */
export const sql = `
alter table api_keys add column upstream text;
update api_keys set upstream = 'default' where merchant_id is null;
alter table api_keys add constraint api_keys_upstream check ((merchant_id is null) = (upstream is not null));
alter table api_keys add constraint api_keys_upstream_length check (length(upstream) between 1 and 64);
comment on column api_keys.upstream is 'of a sync key: the upstream system whose merchants it may change';

alter table merchants add column upstream text not null default 'default';
comment on column merchants.upstream is 'the upstream system that synced it first; no other may change it';

create table merchant_events (
  id             bigint generated always as identity primary key,
  merchant_id    text not null,
  store_id       text,
  provider       text,
  field          text not null,
  before         text,
  after          text,
  upstream       text not null,
  api_key        text,
  client_address text,
  request_id     text,
  created_at     timestamptz not null default clock_timestamp(),
  constraint merchant_events_field check (
    field in ('name', 'checkout_frame_ancestors', 'upstream', 'credentials', 'is_active'))
);
comment on column merchant_events.before is 'null: there was none. Of credentials a keyed digest, never the value';
comment on column merchant_events.api_key is 'null: not changed through the API';

create index merchant_events_of_merchant on merchant_events (merchant_id, id);

create trigger merchant_events_append_only before update or delete on merchant_events
  for each row execute function refuse_change();
create trigger merchant_events_not_emptied before truncate on merchant_events
  for each statement execute function refuse_change();
`;
