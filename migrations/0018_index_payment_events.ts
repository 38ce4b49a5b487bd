/**
 * The sequencer finds new rows of payment_events by their transaction. Nothing finds a row by its id alone, so the index
 * by intent becomes the primary key and the index on `xact` takes the place of the old one: inserting a row still
 * maintains two indexes. They are built concurrently, so that no payment waits.
 */
export const steps = [
  'drop index concurrently if exists payment_events_by_intent_and_id',
  'create unique index concurrently payment_events_by_intent_and_id on payment_events (intent_id, id)',
  `alter table payment_events
     drop constraint if exists payment_events_pkey,
     add constraint payment_events_pkey primary key using index payment_events_by_intent_and_id`,
  'drop index concurrently if exists payment_events_by_intent',
  'drop index concurrently if exists payment_events_by_xact',
  'create index concurrently payment_events_by_xact on payment_events (xact)',
];
