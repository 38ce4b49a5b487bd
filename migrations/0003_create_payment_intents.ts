/**
 * Payment intents. The checks tie the status to its timestamps and amounts, so that an inconsistent row cannot be
 * stored. Lists are ordered by id, newest first: a ULID sorts by creation time, which is exactly created_at.
 */
export const sql = `
create table payment_intents (
  id                         text primary key,
  merchant_id                text not null references merchants (id),
  merchant_store_id          text,
  merchant_terminal_id       text,
  merchant_ref_id            text not null,
  description                text,
  amount                     bigint not null,
  currency                   text not null,
  payment_method_types       text[] not null,
  status                     text not null,
  payment_token_hash         bytea not null,
  payment_method_type        text,
  amount_captured            bigint,
  last_payment_error_code    text,
  last_payment_error_message text,
  created_at                 timestamptz not null,
  expires_at                 timestamptz not null,
  succeeded_at               timestamptz,
  cancelled_at               timestamptz,
  expired_at                 timestamptz,
  foreign key (merchant_id, merchant_store_id) references stores (merchant_id, id),
  constraint payment_intents_id check (id ~ '^pi_[0-9A-HJKMNP-TV-Z]{26}$'),
  constraint payment_intents_amount check (amount between 1 and 99999999999),
  constraint payment_intents_currency check (currency ~ '^[A-Z]{3}$'),
  constraint payment_intents_method_types check (
    cardinality(payment_method_types) >= 1 and payment_method_types <@ array['qr_mpm', 'cash']),
  constraint payment_intents_status check (status in (
    'requires_payment_method', 'requires_action', 'processing', 'succeeded', 'cancelled', 'expired')),
  constraint payment_intents_token_hash check (octet_length(payment_token_hash) = 32),
  constraint payment_intents_times check (expires_at > created_at),
  constraint payment_intents_succeeded check (
    (status = 'succeeded') = (succeeded_at is not null)
    and (status = 'succeeded') = (amount_captured is not null)
    and (status = 'succeeded') = (payment_method_type is not null)),
  constraint payment_intents_amount_captured check (amount_captured between 1 and amount),
  constraint payment_intents_method_type check (payment_method_type in ('qr_mpm', 'cash')),
  constraint payment_intents_cancelled check ((status = 'cancelled') = (cancelled_at is not null)),
  constraint payment_intents_expired check (
    case status when 'expired' then expired_at is not null when 'succeeded' then true else expired_at is null end),
  constraint payment_intents_last_error check (
    (last_payment_error_code is null) = (last_payment_error_message is null))
);

create index payment_intents_by_merchant on payment_intents (merchant_id, id desc);
create index payment_intents_by_store on payment_intents (merchant_id, merchant_store_id, id desc);
create index payment_intents_by_status on payment_intents (merchant_id, status, id desc);
create index payment_intents_by_store_and_status on payment_intents (merchant_id, merchant_store_id, status, id desc);
create index payment_intents_by_ref on payment_intents (merchant_id, merchant_ref_id, id desc);
create index payment_intents_to_expire on payment_intents (expires_at)
  where status in ('requires_payment_method', 'requires_action', 'processing');
`;
