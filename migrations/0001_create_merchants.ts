/**
 * Merchants, their stores, and how each store's payments are processed. The upstream system owns these rows and writes
 * them by sync. The ids are assigned upstream; store ids are unique only within a merchant.
 */
export const sql = `
create table merchants (
  id         text primary key,
  name       text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint merchants_id_length check (length(id) between 1 and 64),
  constraint merchants_name_length check (length(name) between 1 and 255)
);

create table stores (
  merchant_id text not null references merchants (id),
  id          text not null,
  name        text not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  primary key (merchant_id, id),
  constraint stores_id_length check (length(id) between 1 and 64),
  constraint stores_name_length check (length(name) between 1 and 255)
);

create table payment_processor_configs (
  merchant_id             text not null,
  store_id                text not null,
  provider                text not null,
  is_active               boolean not null,
  credentials             bytea not null,
  credentials_fingerprint bytea not null,
  created_at              timestamptz not null,
  updated_at              timestamptz not null,
  primary key (merchant_id, store_id, provider),
  foreign key (merchant_id, store_id) references stores (merchant_id, id),
  constraint payment_processor_configs_provider check (provider in ('PAYPAY'))
);
comment on column payment_processor_configs.credentials is 'JSON, encrypted at rest';
comment on column payment_processor_configs.credentials_fingerprint is
  'keyed digest of the plain credentials: encryption is salted, so equality is seen here';
`;
