/**
 * What the payment page has to know of its merchant and store. Both come by sync and are optional: a shop is in Tokyo and
 * its page in no frame until the upstream system says otherwise.
 */
export const sql = `
alter table merchants add column checkout_frame_ancestors text[];
comment on column merchants.checkout_frame_ancestors is 'https origins that may frame the payment page; null: never said, none';

alter table stores add column time_zone text;
alter table stores add constraint stores_time_zone_length check (length(time_zone) between 1 and 64);
comment on column stores.time_zone is 'IANA name; null: never said, Asia/Tokyo';
`;
