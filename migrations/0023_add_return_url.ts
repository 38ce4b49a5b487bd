/**
 * Where the payment page leads the payer back to after the end. Existing intents have none, so
 * the check need not read them.
 */
export const sql = `
alter table payment_intents
  add column return_url text,
  add constraint payment_intents_return_url_length check (length(return_url) between 1 and 2048) not valid;
comment on column payment_intents.return_url is 'the page of the shop to which the payer returns; null: none';
`;
