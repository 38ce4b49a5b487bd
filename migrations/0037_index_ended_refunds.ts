/**
 * The refunds of one day, by the time at which they succeeded, for daily reports. A day is a narrow part of the index at any number
 * of refunds. Built concurrently, so that no refund waits.
 */
export const steps = [
  'drop index concurrently if exists refunds_by_success',
  `create index concurrently refunds_by_success
   on refunds (ended_at, merchant_id, merchant_store_id) where status = 'succeeded'`,
];
