/**
 * Money to return to the payer, because it was paid for an intent that could no longer take it. At most one refund per
 * attempt, so that money is not returned twice. The id is the provider's idempotency key.
 */
export const sql = `
create table refunds (
  id                  text primary key,
  attempt_id          text not null references payment_attempts (id),
  intent_id           text not null references payment_intents (id),
  merchant_id         text not null,
  provider_payment_id text not null,
  amount              bigint not null,
  currency            text not null,
  reason              text not null,
  status              text not null,
  method              text,
  is_cancel_refused   boolean not null default false,
  created_at          timestamptz not null,
  ended_at            timestamptz,
  tries               integer not null default 0,
  next_try_at         timestamptz,
  last_error_code     text,
  constraint refunds_id check (id ~ '^re_[0-9A-HJKMNP-TV-Z]{26}$'),
  constraint refunds_once unique (attempt_id),
  constraint refunds_amount check (amount between 1 and 99999999999),
  constraint refunds_reason check (reason in ('paid_after_cancel', 'paid_after_expiry', 'second_payment', 'paid_after_abandon')),
  constraint refunds_status check (status in ('pending', 'succeeded')),
  constraint refunds_method check (method in ('cancel', 'refund')),
  constraint refunds_ended check ((status = 'succeeded') = (ended_at is not null)),
  constraint refunds_due check ((status = 'pending') = (next_try_at is not null))
);
comment on column refunds.is_cancel_refused is 'the provider refused to cancel, so from then on it is a refund';

create index refunds_by_intent on refunds (intent_id);
create index refunds_to_try on refunds (next_try_at) where next_try_at is not null;
`;
