/**
 * Rate limits of merchants that differ from the default. A separate table, because the upstream system owns merchants,
 * the operator owns these limits, and every node reads all of them periodically.
 */
export const sql = `
create table merchant_limits (
  merchant_id         text primary key references merchants (id),
  requests_per_minute integer not null,
  updated_at          timestamptz not null,
  constraint merchant_limits_range check (requests_per_minute between 0 and 1000000000)
);
comment on column merchant_limits.requests_per_minute is '0 switches the limit off for this merchant';
`;
