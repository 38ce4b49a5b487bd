/**
 * Upstream systems own merchants: a sync key belongs to one upstream, a merchant remembers the upstream that synced it
 * first, and no other may change it. What was there before belongs to the upstream `default`.
 */
export const sql = `
alter table api_keys add column upstream text;
update api_keys set upstream = 'default' where merchant_id is null;
alter table api_keys add constraint api_keys_upstream check ((merchant_id is null) = (upstream is not null));
alter table api_keys add constraint api_keys_upstream_length check (length(upstream) between 1 and 64);
comment on column api_keys.upstream is 'of a sync key: the upstream system whose merchants it may change';

alter table merchants add column upstream text not null default 'default';
comment on column merchants.upstream is 'the upstream system that synced it first; no other may change it';
`;
