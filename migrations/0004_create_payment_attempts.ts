/**
 * Attempts to carry out an intent with a provider. The id is the provider's idempotency key and is stored before the
 * provider is called. The partial unique index guarantees at most one payable code per intent. next_check_at is the
 * poller's queue; claiming an attempt moves it forward. leased_by and leased_until identify the process that is
 * currently calling the provider for this attempt.
 */
export const sql = `
create table payment_attempts (
  id                   text primary key,
  intent_id            text not null references payment_intents (id),
  merchant_id          text not null,
  provider             text not null,
  provider_merchant_id text not null,
  amount               bigint not null,
  currency             text not null,
  status               text not null,
  create_calls         integer not null,
  code_id              text,
  qr_content           text,
  deeplink             text,
  code_expires_at      timestamptz,
  provider_payment_id  text,
  paid_at              timestamptz,
  failure_code         text,
  failure_message      text,
  created_at           timestamptz not null,
  ended_at             timestamptz,
  checked_at           timestamptz,
  checks               integer not null default 0,
  next_check_at        timestamptz,
  leased_by            text,
  leased_until         timestamptz,
  constraint payment_attempts_id check (id ~ '^pa_[0-9A-HJKMNP-TV-Z]{26}$'),
  constraint payment_attempts_provider check (provider in ('PAYPAY')),
  constraint payment_attempts_amount check (amount between 1 and 99999999999),
  constraint payment_attempts_status check (status in (
    'creating', 'live', 'closing', 'abandoning', 'succeeded', 'failed', 'lapsed', 'abandoned')),
  constraint payment_attempts_ended check (
    (status in ('creating', 'live', 'closing', 'abandoning')) = (ended_at is null)),
  constraint payment_attempts_code check (
    status not in ('live', 'closing') or
    (code_id is not null and qr_content is not null and code_expires_at is not null)),
  constraint payment_attempts_succeeded check (
    (status = 'succeeded') = (paid_at is not null) and (status = 'succeeded') = (provider_payment_id is not null)),
  constraint payment_attempts_failed check (status <> 'failed' or failure_code is not null),
  constraint payment_attempts_failure check ((failure_code is null) = (failure_message is null)),
  constraint payment_attempts_lease check ((leased_by is null) = (leased_until is null))
);
comment on column payment_attempts.failure_code is
  'why it failed, or, while it is not over, what the last look stumbled on';
comment on column payment_attempts.create_calls is
  'create calls begun; counted before the call, so while there is no answer the code may exist, seen by nobody';

create unique index payment_attempts_one_live on payment_attempts (intent_id)
  where status in ('creating', 'live', 'closing', 'abandoning');
create index payment_attempts_by_intent on payment_attempts (intent_id, id desc);
create index payment_attempts_by_provider_payment on payment_attempts (provider_payment_id)
  where provider_payment_id is not null;
create index payment_attempts_to_check on payment_attempts (next_check_at) where next_check_at is not null;
`;
