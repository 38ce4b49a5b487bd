/**
 * Settings of the payment page per merchant and store, written by sync. Both are optional: by default the time zone is
 * Asia/Tokyo and the page cannot be framed.
 */
export const sql = `
alter table merchants add column checkout_frame_ancestors text[];
comment on column merchants.checkout_frame_ancestors is 'https origins that may frame the payment page; null: never said, none';

alter table stores add column time_zone text;
alter table stores add constraint stores_time_zone_length check (length(time_zone) between 1 and 64);
comment on column stores.time_zone is 'IANA name; null: never said, Asia/Tokyo';
`;
