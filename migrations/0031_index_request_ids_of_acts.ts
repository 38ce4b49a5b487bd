/**
 * The acts of one request, for the operator who has its id from a merchant's log. Built concurrently, so that no act waits.
 */
export const steps = [
  'drop index concurrently if exists audit_log_by_request',
  `create index concurrently audit_log_by_request on audit_log (request_id, position) where request_id is not null`,
];
