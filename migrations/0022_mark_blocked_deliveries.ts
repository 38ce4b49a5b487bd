/**
 * A delivery that waits for an earlier one of its object is marked, and the index of due deliveries keeps the marked ones
 * apart, so that claims do not read them. Existing deliveries are marked by the first claims that come across them. The index
 * is built concurrently, so that no delivery waits.
 */
export const steps = [
  'alter table webhook_deliveries add column if not exists is_blocked boolean not null default false',
  `comment on column webhook_deliveries.is_blocked is
     'while pending: a claim has found an earlier pending delivery of the object; see is_ordered'`,
  'drop index concurrently if exists webhook_deliveries_next',
  `create index concurrently webhook_deliveries_next on webhook_deliveries (endpoint_id, is_blocked, next_try_at)
   where status = 'pending'`,
  'drop index concurrently if exists webhook_deliveries_due',
];
