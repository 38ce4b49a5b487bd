/**
 * Refunds that merchants request, and those made in the provider's own console, join those that the gateway makes when an
 * intent cannot take the money. `amount_refunded` of an intent counts its pending and succeeded refunds, so that under the
 * lock of its row no two refunds can take the same money; those of the gateway are not counted, because they refund money
 * that no intent has. The constraint is validated by the next migration, outside the lock of this one.
 *
 * Existing API keys do not get the scope `refunds`: whoever holds one could not refund when it was handed out.
 */
export const sql = `
alter table payment_intents
  add column amount_refunded bigint not null default 0,
  add constraint payment_intents_amount_refunded
    check (amount_refunded between 0 and coalesce(amount_captured, 0)) not valid;
comment on column payment_intents.amount_refunded is 'pending and succeeded refunds of merchants and of the provider''s console';

alter table payment_events add column refund_state jsonb;
comment on column payment_events.refund_state is 'the refund after this event, if the event is about one';

alter table events add column intent_id text;
comment on column events.intent_id is 'the payment intent of an event about another object; deliveries are ordered by it';

alter table refunds rename column reason to return_reason;
alter table refunds rename column method to returned_by;
alter table refunds
  drop constraint refunds_once,
  drop constraint refunds_reason,
  drop constraint refunds_status,
  drop constraint refunds_method,
  drop constraint refunds_ended,
  alter column attempt_id drop not null,
  alter column provider_payment_id drop not null,
  alter column return_reason drop not null,
  add column origin text not null default 'gateway',
  add column method text not null default 'provider',
  add column reason text,
  add column description text,
  add column merchant_store_id text,
  add column merchant_refund_ref_id text,
  add column merchant_staff_id text,
  add column merchant_terminal_id text,
  add column provider_refund_id text,
  add column pending_reason text,
  add column failure_code text,
  add column failure_message text;
alter table refunds alter column origin drop default, alter column method drop default;

update refunds
set merchant_store_id = (select merchant_store_id from payment_intents where id = intent_id),
    reason = case return_reason when 'second_payment' then 'duplicate' else 'other' end,
    pending_reason = case when status = 'pending' then 'provider_processing' end;

alter table refunds
  add constraint refunds_origin check (origin in ('merchant', 'gateway', 'provider')),
  add constraint refunds_method check (method in ('provider', 'cash')),
  add constraint refunds_status check (status in ('pending', 'succeeded', 'failed')),
  add constraint refunds_reason check (reason in ('requested_by_customer', 'duplicate', 'fraudulent', 'other')),
  add constraint refunds_return_reason check (
    (return_reason is not null) = (origin = 'gateway')
    and return_reason in ('paid_after_cancel', 'paid_after_expiry', 'second_payment', 'paid_after_abandon')),
  add constraint refunds_returned_by check (returned_by in ('cancel', 'refund')),
  add constraint refunds_provider check (
    method = 'cash' or (attempt_id is not null and provider_payment_id is not null)),
  add constraint refunds_foreign check ((provider_refund_id is not null) = (origin = 'provider')),
  add constraint refunds_cash check (method <> 'cash' or (origin = 'merchant' and status = 'succeeded')),
  add constraint refunds_pending check ((status = 'pending') = (pending_reason is not null)),
  add constraint refunds_pending_reason check (pending_reason in (
    'provider_processing', 'provider_unavailable', 'waiting_for_other_refund', 'waiting_for_approval')),
  add constraint refunds_failed check (
    (status = 'failed') = (failure_code is not null) and (failure_code is null) = (failure_message is null)),
  add constraint refunds_ended check ((status = 'pending') = (ended_at is null));
comment on column refunds.origin is 'who made it: the merchant, the gateway, or somebody in the provider''s own console';
comment on column refunds.return_reason is 'why the gateway returns the money; null: not made by the gateway';
comment on column refunds.returned_by is 'the call that returns the money of the gateway''s refunds';
comment on column refunds.provider_refund_id is 'of a refund that was not made through the gateway';
comment on column refunds.ended_at is 'when it succeeded or failed';

create unique index refunds_of_gateway on refunds (attempt_id) where origin = 'gateway';
create unique index refunds_of_provider on refunds (attempt_id, provider_refund_id) where origin = 'provider';
create unique index refunds_by_ref on refunds (merchant_id, merchant_refund_ref_id) where merchant_refund_ref_id is not null;
create index refunds_by_merchant on refunds (merchant_id, id collate "C" desc);
create index refunds_by_store on refunds (merchant_id, merchant_store_id, id collate "C" desc);
create index refunds_by_status on refunds (merchant_id, status, id collate "C" desc);
create index refunds_by_reason on refunds (merchant_id, reason, id collate "C" desc);
drop index refunds_by_intent;
create index refunds_by_intent on refunds (intent_id, id collate "C" desc);
create index refunds_next_of_attempt on refunds (attempt_id, next_try_at, id) where next_try_at is not null;

alter table api_keys drop constraint api_keys_scopes;
alter table api_keys add constraint api_keys_scopes
  check (scopes <@ array['payments', 'refunds', 'refunds:cash', 'events', 'sync'] and cardinality(scopes) >= 1);
`;
