/**
 * API keys with limits: to stores, to client addresses, to a time and to an amount per refund. A key without limits may do
 * what its scopes allow, as before.
 *
 * A delivery records the store of its event, because an endpoint may have been narrowed to one store since, whose keys must
 * not see, or have sent again, what was delivered for another. Deliveries from before this column are for keys without stores.
 */
export const sql = `
alter table api_keys
  add column label text,
  add column store_ids text[],
  add column allowed_ips cidr[],
  add column max_refund_amount bigint,
  add column planned_expires_at timestamptz,
  add column last_used_at timestamptz,
  add constraint api_keys_label check (length(label) between 1 and 100),
  add constraint api_keys_store_ids check (
    cardinality(store_ids) between 1 and 100 and array_position(store_ids, null) is null),
  add constraint api_keys_allowed_ips check (
    cardinality(allowed_ips) between 1 and 50 and array_position(allowed_ips, null) is null),
  add constraint api_keys_max_refund_amount check (max_refund_amount between 1 and 99999999999),
  add constraint api_keys_sync_has_no_stores check (
    merchant_id is not null or (store_ids is null and max_refund_amount is null));
comment on column api_keys.label is 'what it is for, in the words of the operator';
comment on column api_keys.store_ids is 'null: all stores, and what belongs to no store';
comment on column api_keys.allowed_ips is 'client addresses that may use it; null: all';
comment on column api_keys.max_refund_amount is 'of one refund, in the smallest unit of its currency; null: no limit';
comment on column api_keys.expires_at is 'when it stops working; null: never. Rotation brings it forward';
comment on column api_keys.planned_expires_at is 'the end that the operator set, which a key that replaces this one inherits; null: none';
comment on column api_keys.last_used_at is 'accurate to a minute; null: not used since this was recorded';

alter table webhook_deliveries add column merchant_store_id text;
comment on column webhook_deliveries.merchant_store_id is 'of the event; null: none, or from before it was recorded';
`;
