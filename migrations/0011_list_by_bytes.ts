/**
 * Lists are ordered by the bytes of the id, and so are their indexes. For ids of ULIDs that is the same order, but it is not
 * the primary key's: otherwise the planner takes the primary key for a list and passes over everybody else's intents until
 * a page is full, which for a merchant who has paused is all of them.
 */
export const sql = `
drop index payment_intents_by_merchant, payment_intents_by_store, payment_intents_by_status,
  payment_intents_by_store_and_status, payment_intents_by_ref;
create index payment_intents_by_merchant on payment_intents (merchant_id, id collate "C" desc);
create index payment_intents_by_store on payment_intents (merchant_id, merchant_store_id, id collate "C" desc);
create index payment_intents_by_status on payment_intents (merchant_id, status, id collate "C" desc);
create index payment_intents_by_store_and_status
  on payment_intents (merchant_id, merchant_store_id, status, id collate "C" desc);
create index payment_intents_by_ref on payment_intents (merchant_id, merchant_ref_id, id collate "C" desc);
`;
