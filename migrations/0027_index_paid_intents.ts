/**
 * The payments of one day, by the time at which they were paid, for the operator's lists and exports. A day is a narrow part of
 * the index at any number of intents; merchant and store are in it too, so that their payments are found without reading those
 * of others. Built concurrently, so that no payment waits.
 */
export const steps = [
  'drop index concurrently if exists payment_intents_by_paid',
  `create index concurrently payment_intents_by_paid
   on payment_intents (succeeded_at, id collate "C", merchant_id, merchant_store_id) where succeeded_at is not null`,
];
