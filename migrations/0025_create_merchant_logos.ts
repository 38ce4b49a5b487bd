/**
 * The gateway's own copies of merchants' logos, and the queue of those to fetch. A merchant keeps the copy of its former URL until
 * that of the new one is there. Images hardly compress, so they are stored as they are.
 */
export const sql = `
create table merchant_logos (
  merchant_id text primary key references merchants (id),
  url text not null,
  tries integer not null default 0,
  next_try_at timestamptz,
  problem text,
  hash text,
  type text,
  content bytea,
  fetched_at timestamptz,
  constraint merchant_logos_image check (
    (hash is null) = (type is null) and (hash is null) = (content is null) and (hash is null) = (fetched_at is null)),
  constraint merchant_logos_type check (type in ('image/png', 'image/jpeg', 'image/webp')),
  constraint merchant_logos_size check (octet_length(content) <= 200000)
);
alter table merchant_logos alter column content set storage external;
create index merchant_logos_to_fetch on merchant_logos (next_try_at) where next_try_at is not null;
create index merchant_logos_by_hash on merchant_logos (hash) where hash is not null;
comment on column merchant_logos.next_try_at is 'when to fetch it; null: it was fetched, or will not be tried again';
comment on column merchant_logos.problem is 'why the last try failed';
comment on column merchant_logos.hash is 'SHA-256 of the content in hex, and its name in the URL';
`;
