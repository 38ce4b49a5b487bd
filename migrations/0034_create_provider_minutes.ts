/**
 * How the calls to providers went, minute by minute, for the plots of the health page. Filled together with provider_calls; all
 * processes add to the same few rows.
 */
export const sql = `
create table provider_minutes (
  minute    timestamptz not null,
  operation text not null,
  calls     integer not null,
  failed    integer not null,
  total_ms  bigint not null,
  max_ms    integer not null,
  le_300    integer not null,
  le_1000   integer not null,
  le_3000   integer not null,
  primary key (minute, operation)
);
comment on column provider_minutes.failed is 'without a response, or with one that says that the provider is at fault';
comment on column provider_minutes.le_300 is 'calls that took at most so many milliseconds';
`;
