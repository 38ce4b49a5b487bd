/**
 * How many reads this second's budget has left at each provider, counted for the whole installation: a provider's quota
 * does not grow with the number of our nodes.
 */
export const sql = `
create table provider_reads (
  provider text primary key,
  second   timestamptz not null,
  taken    integer not null,
  constraint provider_reads_taken check (taken >= 0)
);
insert into provider_reads (provider, second, taken) values ('PAYPAY', 'epoch', 0);
`;
