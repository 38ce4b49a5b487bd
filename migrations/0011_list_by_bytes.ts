/**
 * Orders lists, and their indexes, by the bytes of the id (collate "C"). For ULIDs this is the same order, but the
 * primary key cannot serve it. Otherwise the planner may choose the primary key for a list and skip all intents of other
 * merchants until the page is full; for a merchant without recent intents, that scans nearly the whole table.
 * The new indexes are built while payments are being written. Once all are complete, they replace the old ones in one step.
 */
const INDEXES = {
  merchant: 'merchant_id',
  store: 'merchant_id, merchant_store_id',
  status: 'merchant_id, status',
  store_and_status: 'merchant_id, merchant_store_id, status',
  ref: 'merchant_id, merchant_ref_id',
};

const names = Object.keys(INDEXES);

export const steps = [
  ...Object.entries(INDEXES).flatMap(([name, columns]) => [
    `drop index concurrently if exists new_by_${name}`,
    `create index concurrently new_by_${name} on payment_intents (${columns}, id collate "C" desc)`,
  ]),
  `drop index if exists ${names.map((name) => `payment_intents_by_${name}`).join(', ')};
${names.map((name) => `alter index new_by_${name} rename to payment_intents_by_${name};`).join('\n')}`,
];
