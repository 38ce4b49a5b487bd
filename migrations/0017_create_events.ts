/**
 * The events that merchants receive. payment_events is their outbox: it is written in the transaction of each change. The
 * sequencer numbers the rows of transactions that have ended, copies them to `events` and gives them positions without
 * gaps, so that a reader who remembers a position misses nothing.
 *
 * `xact` is the transaction of a row. Existing rows get 0, without a rewrite of the table, and are never numbered: they say
 * nothing about the state of their intent, so the feed begins after them.
 *
 * `events` is partitioned by day, because old events are removed a day at a time. The gateway creates the partitions.
 */
export const sql = `
alter table payment_events
  add column xact xid8 not null default '0',
  add column merchant_event text,
  add column intent_state jsonb;
alter table payment_events alter column xact set default pg_current_xact_id();
comment on column payment_events.merchant_event is 'type of the event that the merchant receives; null: none';
comment on column payment_events.intent_state is 'fields of the intent that change, after this event; null: as created';

create table events (
  position          bigint not null,
  day               date not null,
  id                text not null,
  merchant_id       text not null,
  merchant_store_id text,
  type              text not null,
  object_id         text not null,
  version           bigint,
  body              text not null,
  constraint events_pkey primary key (day, position),
  constraint events_once unique (id, day),
  constraint events_id check (id ~ '^evt_[0-9A-HJKMNP-TV-Z]{26}$')
) partition by range (day);
comment on column events.day is 'UTC day of the time in the id; the partition';
comment on column events.version is 'of the payment intent: payment_events.id; null: the object has no versions';
comment on column events.body is 'JSON exactly as delivered';

create index events_by_merchant on events (merchant_id, position);

create table event_sequencer (
  is_only           boolean primary key default true,
  epoch             text not null,
  system_identifier bigint not null,
  timeline          integer not null,
  horizon           xid8 not null,
  first_row_id      bigint not null,
  last_row_id       bigint not null,
  position          bigint not null default 0,
  removed_position  bigint not null default 0,
  window_end        xid8,
  window_row_id     bigint not null default 0,
  catch_up_end      bigint,
  catch_up_row_id   bigint not null default 0,
  next_horizon      xid8,
  constraint event_sequencer_is_only check (is_only)
);
comment on column event_sequencer.epoch is 'part of every cursor; changes when the database was restored or failed over';
comment on column event_sequencer.horizon is 'rows of transactions below it are numbered';
comment on column event_sequencer.first_row_id is 'rows up to this payment_events.id are not numbered in this epoch';
comment on column event_sequencer.last_row_id is 'greatest payment_events.id that was numbered';
comment on column event_sequencer.position is 'last position given';
comment on column event_sequencer.removed_position is 'events up to this position have been removed';
comment on column event_sequencer.window_end is 'rows of transactions from the horizon up to this one are being numbered; null: none';
comment on column event_sequencer.window_row_id is 'last payment_events.id that was numbered in the window';
comment on column event_sequencer.catch_up_end is 'in a new epoch, what the last one left is numbered first, up to this payment_events.id; null: done';
comment on column event_sequencer.catch_up_row_id is 'last payment_events.id that was numbered of it';
comment on column event_sequencer.next_horizon is 'the horizon after it';

create table event_epochs (
  number        bigint generated always as identity primary key,
  epoch         text not null unique,
  started_after bigint not null,
  started_at    timestamptz not null default clock_timestamp()
);
comment on column event_epochs.started_after is 'last position of the epoch before';

with started as (
  insert into event_sequencer (epoch, system_identifier, timeline, horizon, first_row_id, last_row_id)
  select left(replace(gen_random_uuid()::text, '-', ''), 12), system_identifier,
         ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer,
         pg_snapshot_xmin(pg_current_snapshot()), last_id, last_id
  from pg_control_system(),
       (select coalesce(max(id), 0) as last_id from payment_events) as latest
  returning epoch
)
insert into event_epochs (epoch, started_after) select epoch, 0 from started;

create table outbox_events (
  id                bigint generated always as identity primary key,
  event_id          text not null,
  merchant_id       text not null,
  merchant_store_id text,
  type              text not null,
  object_id         text not null,
  body              text not null,
  fan_out           boolean not null,
  constraint outbox_events_event_id check (event_id ~ '^evt_[0-9A-HJKMNP-TV-Z]{26}$')
);
comment on table outbox_events is 'events that are not of a payment; the sequencer moves them to events';
comment on column outbox_events.fan_out is 'false: it was sent when it was created, and is only to be in the feed';
`;
