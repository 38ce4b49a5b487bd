/**
 * The event history of an intent: what happened, when and caused by whom. Written in the same transaction as the
 * change. Append-only, which a trigger enforces.
 */
export const sql = `
create table payment_events (
  id         bigint generated always as identity primary key,
  intent_id  text not null references payment_intents (id),
  attempt_id text,
  type       text not null,
  actor      text not null,
  data       jsonb not null default '{}',
  created_at timestamptz not null,
  constraint payment_events_type check (length(type) between 1 and 64),
  constraint payment_events_actor check (length(actor) between 1 and 128)
);

create index payment_events_by_intent on payment_events (intent_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end
$$;

create trigger payment_events_append_only before update or delete on payment_events
  for each row execute function refuse_change();
`;
