/**
 * Orders lists, and their indexes, by the bytes of the id (collate "C"). For ULIDs this is the same order, but the
 * primary key cannot serve it. Otherwise the planner may choose the primary key for a list and skip all intents of other
 * merchants until the page is full; for a merchant without recent intents, that scans nearly the whole table.
 * The new indexes are created before the old ones are dropped, so that lists can be read during the migration.
 */
export const sql = `
create index new_by_merchant on payment_intents (merchant_id, id collate "C" desc);
create index new_by_store on payment_intents (merchant_id, merchant_store_id, id collate "C" desc);
create index new_by_status on payment_intents (merchant_id, status, id collate "C" desc);
create index new_by_store_and_status
  on payment_intents (merchant_id, merchant_store_id, status, id collate "C" desc);
create index new_by_ref on payment_intents (merchant_id, merchant_ref_id, id collate "C" desc);
drop index payment_intents_by_merchant, payment_intents_by_store, payment_intents_by_status,
  payment_intents_by_store_and_status, payment_intents_by_ref;
alter index new_by_merchant rename to payment_intents_by_merchant;
alter index new_by_store rename to payment_intents_by_store;
alter index new_by_status rename to payment_intents_by_status;
alter index new_by_store_and_status rename to payment_intents_by_store_and_status;
alter index new_by_ref rename to payment_intents_by_ref;
`;
