/**
 * The changes of merchants by one request of a sync, for the operator who has its id. Built concurrently, so that no sync waits.
 */
export const steps = [
  'drop index concurrently if exists merchant_events_by_request',
  `create index concurrently merchant_events_by_request on merchant_events (request_id, id) where request_id is not null`,
];
