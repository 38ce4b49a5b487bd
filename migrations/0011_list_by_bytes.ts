/**
 * Lists are ordered by the bytes of the id, and so are their indexes. For ids of ULIDs that is the same order, but it is not
 * the primary key's: otherwise the planner takes the primary key for a list and passes over everybody else's intents until
 * a page is full, which for a merchant who has paused is all of them.
 * The new ones are made beside the old ones, so that reading goes on meanwhile.
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
