/**
 * API keys. A key with a merchant is for its payments; a key without one is for sync. Only the SHA-256 of the secret
 * key is stored; as 64 ASCII characters it is also the HMAC key of the signature.
 */
export const sql = `
create table api_keys (
  api_key         text primary key,
  merchant_id     text references merchants (id),
  scopes          text[] not null,
  secret_key_hash text not null,
  created_at      timestamptz not null,
  expires_at      timestamptz,
  revoked_at      timestamptz,
  constraint api_keys_scopes check (scopes <@ array['payments', 'sync'] and cardinality(scopes) >= 1),
  constraint api_keys_payments_need_merchant check (('payments' = any (scopes)) = (merchant_id is not null)),
  constraint api_keys_secret_key_hash check (secret_key_hash ~ '^[0-9a-f]{64}$')
);
comment on column api_keys.expires_at is 'set by rotation: the old key works until then';

create index api_keys_merchant on api_keys (merchant_id);
`;
