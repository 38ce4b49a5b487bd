/**
 * The number of reads that were made at each provider in the current second, counted for all processes together,
 * because a provider's quota does not grow with the number of nodes.
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
