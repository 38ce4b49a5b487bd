-- The schema after all migrations. Made by npm run generate; do not edit.

create table api_keys (
  api_key text not null,
  merchant_id text,
  scopes text[] not null,
  secret_key_hash text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  upstream text,
  label text,
  store_ids text[],
  allowed_ips cidr[],
  max_refund_amount bigint,
  planned_expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (api_key),
  constraint api_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint api_keys_allowed_ips CHECK (cardinality(allowed_ips) >= 1 AND cardinality(allowed_ips) <= 50 AND array_position(allowed_ips, NULL::cidr) IS NULL),
  constraint api_keys_label CHECK (length(label) >= 1 AND length(label) <= 100),
  constraint api_keys_max_refund_amount CHECK (max_refund_amount >= 1 AND max_refund_amount <= '99999999999'::bigint),
  constraint api_keys_scopes CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['payments'::text, 'refunds'::text, 'refunds:cash'::text, 'events'::text, 'reports'::text, 'sync'::text]) NOT VALID,
  constraint api_keys_secret_key_hash CHECK (secret_key_hash ~ '^[0-9a-f]{64}$'::text),
  constraint api_keys_store_ids CHECK (cardinality(store_ids) >= 1 AND cardinality(store_ids) <= 100 AND array_position(store_ids, NULL::text) IS NULL),
  constraint api_keys_sync_has_no_merchant CHECK (('sync'::text = ANY (scopes)) = (merchant_id IS NULL)),
  constraint api_keys_sync_has_no_stores CHECK (merchant_id IS NOT NULL OR store_ids IS NULL AND max_refund_amount IS NULL),
  constraint api_keys_upstream CHECK ((merchant_id IS NULL) = (upstream IS NOT NULL)),
  constraint api_keys_upstream_length CHECK (length(upstream) >= 1 AND length(upstream) <= 64)
);
CREATE INDEX api_keys_merchant ON public.api_keys USING btree (merchant_id);
comment on column api_keys.expires_at is 'when it stops working; null: never. Rotation brings it forward';
comment on column api_keys.upstream is 'of a sync key: the upstream system whose merchants it may change';
comment on column api_keys.label is 'what it is for, in the words of the operator';
comment on column api_keys.store_ids is 'null: all stores, and what belongs to no store';
comment on column api_keys.allowed_ips is 'client addresses that may use it; null: all';
comment on column api_keys.max_refund_amount is 'of one refund, in the smallest unit of its currency; null: no limit';
comment on column api_keys.planned_expires_at is 'the end that the operator set, which a key that replaces this one inherits; null: none';
comment on column api_keys.last_used_at is 'accurate to a minute; null: not used since this was recorded';

create table audit_head (
  is_only boolean not null default true,
  position bigint not null,
  hash text not null,
  constraint audit_head_pkey PRIMARY KEY (is_only),
  constraint audit_head_is_only CHECK (is_only)
);
CREATE TRIGGER audit_head_kept BEFORE DELETE ON public.audit_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_not_emptied BEFORE TRUNCATE ON public.audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
comment on table audit_head is 'the last row of the audit log; its lock puts the rows in one order';

create table audit_log (
  position bigint not null,
  created_at timestamp with time zone not null,
  actor_kind text not null,
  actor_id text not null,
  type text not null,
  object_type text not null,
  object_id text not null,
  merchant_id text,
  store_id text,
  reason text,
  client_address text,
  request_id text,
  before text,
  after text,
  previous_hash text not null,
  hash text not null,
  constraint audit_log_pkey PRIMARY KEY ("position"),
  constraint audit_log_actor_kind CHECK (actor_kind = ANY (ARRAY['operator'::text, 'api_key'::text, 'command_line'::text, 'gateway'::text])),
  constraint audit_log_created_at CHECK (created_at = date_trunc('milliseconds'::text, created_at)),
  constraint audit_log_hash CHECK (length(hash) = 64 AND length(previous_hash) = 64),
  constraint audit_log_position CHECK ("position" > 0),
  constraint audit_log_type CHECK (length(type) >= 1 AND length(type) <= 64)
);
CREATE INDEX audit_log_by_actor ON public.audit_log USING btree (actor_id, "position");
CREATE INDEX audit_log_by_merchant ON public.audit_log USING btree (merchant_id, "position") WHERE (merchant_id IS NOT NULL);
CREATE INDEX audit_log_by_object ON public.audit_log USING btree (object_id, "position");
CREATE INDEX audit_log_by_request ON public.audit_log USING btree (request_id, "position") WHERE (request_id IS NOT NULL);
CREATE INDEX audit_log_by_time ON public.audit_log USING btree (created_at);
CREATE INDEX audit_log_by_type ON public.audit_log USING btree (type, "position");
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_not_emptied BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
comment on column audit_log.reason is 'in the words of the operator';
comment on column audit_log.before is 'only what the act changed, as JSON; null: nothing was there. Secrets are fingerprints';

create table encryption_check (
  is_only boolean not null default true,
  fingerprint_key bytea not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint encryption_check_pkey PRIMARY KEY (is_only),
  constraint encryption_check_one_row CHECK (is_only)
);
comment on column encryption_check.fingerprint_key is 'base64, encrypted at rest';

create table event_epochs (
  number bigint not null generated always as identity,
  epoch text not null,
  started_after bigint not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  constraint event_epochs_epoch_key UNIQUE (epoch),
  constraint event_epochs_pkey PRIMARY KEY (number)
);
comment on column event_epochs.started_after is 'last position of the epoch before';

create table event_sequencer (
  is_only boolean not null default true,
  epoch text not null,
  system_identifier bigint not null,
  timeline integer not null,
  horizon xid8 not null,
  first_row_id bigint not null,
  last_row_id bigint not null,
  position bigint not null default 0,
  removed_position bigint not null default 0,
  window_end xid8,
  window_row_id bigint not null default 0,
  catch_up_end bigint,
  catch_up_row_id bigint not null default 0,
  next_horizon xid8,
  constraint event_sequencer_pkey PRIMARY KEY (is_only),
  constraint event_sequencer_is_only CHECK (is_only)
);
comment on column event_sequencer.epoch is 'part of every cursor; changes when the database was restored or failed over';
comment on column event_sequencer.horizon is 'rows of transactions below it are numbered';
comment on column event_sequencer.first_row_id is 'rows up to this payment_events.id are not numbered in this epoch';
comment on column event_sequencer.last_row_id is 'greatest payment_events.id that was numbered';
comment on column event_sequencer.position is 'last position given';
comment on column event_sequencer.removed_position is 'events up to this position have been removed';
comment on column event_sequencer.window_end is 'rows of transactions from the horizon up to this one are being numbered; null: none';
comment on column event_sequencer.window_row_id is 'last payment_events.id that was numbered in the window';
comment on column event_sequencer.catch_up_end is 'in a new epoch, what the last one left is numbered first, up to this payment_events.id; null: done';
comment on column event_sequencer.catch_up_row_id is 'last payment_events.id that was numbered of it';
comment on column event_sequencer.next_horizon is 'the horizon after it';

create table events (
  position bigint not null,
  day date not null,
  id text not null,
  merchant_id text not null,
  merchant_store_id text,
  type text not null,
  object_id text not null,
  version bigint,
  body text not null,
  intent_id text,
  constraint events_once UNIQUE (id, day),
  constraint events_pkey PRIMARY KEY (day, "position"),
  constraint events_id CHECK (id ~ '^evt_[0-9A-HJKMNP-TV-Z]{26}$'::text)
) partition by RANGE (day);
CREATE INDEX events_by_merchant ON ONLY public.events USING btree (merchant_id, "position");
comment on column events.day is 'UTC day of the time in the id; the partition';
comment on column events.version is 'of the payment intent: payment_events.id; null: the object has no versions';
comment on column events.body is 'JSON exactly as delivered';
comment on column events.intent_id is 'the payment intent of an event about another object; deliveries are ordered by it';

create table idempotency_keys (
  scope text not null,
  operation text not null,
  key text not null,
  request_hash bytea not null,
  leased_by text,
  leased_until timestamp with time zone,
  response_status smallint,
  response_body bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (scope, operation, key),
  constraint idempotency_keys_answer CHECK ((response_status IS NULL) = (response_body IS NULL)),
  constraint idempotency_keys_hash CHECK (octet_length(request_hash) = 32),
  constraint idempotency_keys_key CHECK (length(key) >= 1 AND length(key) <= 255),
  constraint idempotency_keys_lease CHECK ((leased_by IS NULL) = (leased_until IS NULL))
);
CREATE INDEX idempotency_keys_to_remove ON public.idempotency_keys USING btree (expires_at);
comment on column idempotency_keys.response_body is 'encrypted at rest: answers hold payment tokens';

create table merchant_events (
  id bigint not null generated always as identity,
  merchant_id text not null,
  store_id text,
  provider text,
  field text not null,
  before text,
  after text,
  upstream text not null,
  api_key text,
  client_address text,
  request_id text,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint merchant_events_pkey PRIMARY KEY (id),
  constraint merchant_events_field CHECK (field = ANY (ARRAY['name'::text, 'checkout_frame_ancestors'::text, 'upstream'::text, 'credentials'::text, 'is_active'::text, 'display_name'::text, 'logo_url'::text, 'accent_color'::text, 'support_phone'::text, 'support_email'::text])) NOT VALID
);
CREATE INDEX merchant_events_by_request ON public.merchant_events USING btree (request_id, id) WHERE (request_id IS NOT NULL);
CREATE INDEX merchant_events_of_merchant ON public.merchant_events USING btree (merchant_id, id);
CREATE TRIGGER merchant_events_append_only BEFORE DELETE OR UPDATE ON public.merchant_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER merchant_events_not_emptied BEFORE TRUNCATE ON public.merchant_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
comment on column merchant_events.before is 'null: there was none. Of credentials a keyed digest, never the value';
comment on column merchant_events.api_key is 'null: not changed through the API';

create table merchant_limits (
  merchant_id text not null,
  requests_per_minute integer not null,
  updated_at timestamp with time zone not null,
  constraint merchant_limits_pkey PRIMARY KEY (merchant_id),
  constraint merchant_limits_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint merchant_limits_range CHECK (requests_per_minute >= 0 AND requests_per_minute <= 1000000000)
);
comment on column merchant_limits.requests_per_minute is '0 switches the limit off for this merchant';

create table merchant_logos (
  merchant_id text not null,
  url text not null,
  tries integer not null default 0,
  next_try_at timestamp with time zone,
  problem text,
  hash text,
  type text,
  content bytea,
  fetched_at timestamp with time zone,
  constraint merchant_logos_pkey PRIMARY KEY (merchant_id),
  constraint merchant_logos_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint merchant_logos_image CHECK ((hash IS NULL) = (type IS NULL) AND (hash IS NULL) = (content IS NULL) AND (hash IS NULL) = (fetched_at IS NULL)),
  constraint merchant_logos_size CHECK (octet_length(content) <= 200000),
  constraint merchant_logos_type CHECK (type = ANY (ARRAY['image/png'::text, 'image/jpeg'::text, 'image/webp'::text]))
);
CREATE INDEX merchant_logos_by_hash ON public.merchant_logos USING btree (hash) WHERE (hash IS NOT NULL);
CREATE INDEX merchant_logos_to_fetch ON public.merchant_logos USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
comment on column merchant_logos.next_try_at is 'when to fetch it; null: it was fetched, or will not be tried again';
comment on column merchant_logos.problem is 'why the last try failed';
comment on column merchant_logos.hash is 'SHA-256 of the content in hex, and its name in the URL';

create table merchants (
  id text not null,
  name text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  checkout_frame_ancestors text[],
  upstream text not null default 'default'::text,
  display_name text,
  logo_url text,
  accent_color text,
  support_phone text,
  support_email text,
  constraint merchants_pkey PRIMARY KEY (id),
  constraint merchants_accent_color CHECK (accent_color ~ '^#[0-9a-f]{6}$'::text) NOT VALID,
  constraint merchants_id_length CHECK (length(id) >= 1 AND length(id) <= 64),
  constraint merchants_name_length CHECK (length(name) >= 1 AND length(name) <= 255)
);
comment on column merchants.checkout_frame_ancestors is 'https origins that may frame the payment page; null: never said, none';
comment on column merchants.upstream is 'the upstream system that synced it first; no other may change it';
comment on column merchants.display_name is 'shown to payers instead of the name; null: the name is';
comment on column merchants.logo_url is 'where the gateway fetches the logo';
comment on column merchants.accent_color is '#rrggbb, visible on white';

create table operator_challenges (
  challenge text not null,
  purpose text not null,
  bound_to text,
  data text,
  expires_at timestamp with time zone not null,
  constraint operator_challenges_pkey PRIMARY KEY (challenge),
  constraint operator_challenges_data CHECK (length(data) <= 65536),
  constraint operator_challenges_purpose CHECK (purpose = ANY (ARRAY['sign_in'::text, 'register'::text, 'verify'::text, 'oidc'::text]))
);
CREATE INDEX operator_challenges_by_expiry ON public.operator_challenges USING btree (purpose, expires_at);
comment on column operator_challenges.bound_to is 'the session or the invitation that it is for; null: anybody, who signs in';
comment on column operator_challenges.data is 'what is needed when it comes back, as JSON';

create table operator_grants (
  operator_id text not null,
  role text not null,
  merchant_id text,
  store_id text,
  max_refund_amount bigint,
  constraint operator_grants_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint operator_grants_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id),
  constraint operator_grants_store_exists FOREIGN KEY (merchant_id, store_id) REFERENCES stores(merchant_id, id),
  constraint operator_grants_max_refund_amount CHECK (max_refund_amount >= 1 AND max_refund_amount <= '99999999999'::bigint),
  constraint operator_grants_role CHECK (role = ANY (ARRAY['viewer'::text, 'support'::text, 'finance'::text, 'refunder'::text, 'admin'::text])),
  constraint operator_grants_store CHECK (store_id IS NULL OR merchant_id IS NOT NULL)
);
CREATE UNIQUE INDEX operator_grants_of_operator ON public.operator_grants USING btree (operator_id, role, COALESCE(merchant_id, ''::text), COALESCE(store_id, ''::text));
comment on column operator_grants.merchant_id is 'null: all merchants';
comment on column operator_grants.store_id is 'null: all stores of the merchant, and what belongs to no store';

create table operator_invitations (
  hash text not null,
  operator_id text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint operator_invitations_pkey PRIMARY KEY (hash),
  constraint operator_invitations_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id)
);
CREATE INDEX operator_invitations_of_operator ON public.operator_invitations USING btree (operator_id);

create table operator_passkeys (
  id text not null,
  operator_id text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null default '{}'::text[],
  label text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint operator_passkeys_pkey PRIMARY KEY (id),
  constraint operator_passkeys_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id),
  constraint operator_passkeys_label CHECK (length(label) >= 1 AND length(label) <= 100)
);
CREATE INDEX operator_passkeys_of_operator ON public.operator_passkeys USING btree (operator_id);
comment on column operator_passkeys.id is 'the credential id, base64url';

create table operator_sessions (
  hash text not null,
  operator_id text not null,
  method text not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  verified_at timestamp with time zone not null,
  client_address text,
  user_agent text,
  constraint operator_sessions_pkey PRIMARY KEY (hash),
  constraint operator_sessions_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id),
  constraint operator_sessions_method CHECK (method = ANY (ARRAY['passkey'::text, 'oidc'::text, 'demo'::text])),
  constraint operator_sessions_user_agent CHECK (length(user_agent) <= 200)
);
CREATE INDEX operator_sessions_by_last_seen ON public.operator_sessions USING btree (last_seen_at);
CREATE INDEX operator_sessions_of_operator ON public.operator_sessions USING btree (operator_id);
comment on column operator_sessions.verified_at is 'when the operator last proved who they are';

create table operators (
  id text not null,
  name text not null,
  is_demo boolean not null default false,
  oidc_issuer text,
  oidc_subject text,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone,
  disabled_at timestamp with time zone,
  constraint operators_oidc_unique UNIQUE (oidc_issuer, oidc_subject),
  constraint operators_pkey PRIMARY KEY (id),
  constraint operators_name CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint operators_oidc CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);
CREATE UNIQUE INDEX operators_one_demo ON public.operators USING btree (is_demo) WHERE is_demo;
comment on column operators.oidc_subject is 'who they are at the identity provider; null: they sign in with passkeys only';

create table outbox_events (
  id bigint not null generated always as identity,
  event_id text not null,
  merchant_id text not null,
  merchant_store_id text,
  type text not null,
  object_id text not null,
  body text not null,
  fan_out boolean not null,
  constraint outbox_events_pkey PRIMARY KEY (id),
  constraint outbox_events_event_id CHECK (event_id ~ '^evt_[0-9A-HJKMNP-TV-Z]{26}$'::text)
);
comment on table outbox_events is 'events that are not of a payment; the sequencer moves them to events';
comment on column outbox_events.fan_out is 'false: it was sent when it was created, and is only to be in the feed';

create table payment_attempts (
  id text not null,
  intent_id text not null,
  merchant_id text not null,
  provider text not null,
  provider_merchant_id text not null,
  amount bigint not null,
  currency text not null,
  status text not null,
  create_calls integer not null,
  code_id text,
  qr_content text,
  deeplink text,
  code_expires_at timestamp with time zone,
  provider_payment_id text,
  paid_at timestamp with time zone,
  failure_code text,
  failure_message text,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  checked_at timestamp with time zone,
  checks integer not null default 0,
  next_check_at timestamp with time zone,
  leased_by text,
  leased_until timestamp with time zone,
  constraint payment_attempts_pkey PRIMARY KEY (id),
  constraint payment_attempts_intent_id_fkey FOREIGN KEY (intent_id) REFERENCES payment_intents(id),
  constraint payment_attempts_amount CHECK (amount >= 1 AND amount <= '99999999999'::bigint),
  constraint payment_attempts_code CHECK ((status <> ALL (ARRAY['live'::text, 'closing'::text])) OR code_id IS NOT NULL AND qr_content IS NOT NULL AND code_expires_at IS NOT NULL),
  constraint payment_attempts_ended CHECK ((status = ANY (ARRAY['creating'::text, 'live'::text, 'closing'::text, 'abandoning'::text])) = (ended_at IS NULL)),
  constraint payment_attempts_failed CHECK (status <> 'failed'::text OR failure_code IS NOT NULL),
  constraint payment_attempts_failure CHECK ((failure_code IS NULL) = (failure_message IS NULL)),
  constraint payment_attempts_id CHECK (id ~ '^pa_[0-9A-HJKMNP-TV-Z]{26}$'::text),
  constraint payment_attempts_lease CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
  constraint payment_attempts_provider CHECK (provider = 'PAYPAY'::text),
  constraint payment_attempts_status CHECK (status = ANY (ARRAY['creating'::text, 'live'::text, 'closing'::text, 'abandoning'::text, 'succeeded'::text, 'failed'::text, 'lapsed'::text, 'abandoned'::text])),
  constraint payment_attempts_succeeded CHECK ((status = 'succeeded'::text) = (paid_at IS NOT NULL) AND (status = 'succeeded'::text) = (provider_payment_id IS NOT NULL))
);
CREATE INDEX payment_attempts_by_intent ON public.payment_attempts USING btree (intent_id, id DESC);
CREATE INDEX payment_attempts_by_provider_payment ON public.payment_attempts USING btree (provider_payment_id) WHERE (provider_payment_id IS NOT NULL);
CREATE UNIQUE INDEX payment_attempts_one_live ON public.payment_attempts USING btree (intent_id) WHERE (status = ANY (ARRAY['creating'::text, 'live'::text, 'closing'::text, 'abandoning'::text]));
CREATE INDEX payment_attempts_to_check ON public.payment_attempts USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
comment on column payment_attempts.create_calls is 'create calls begun; counted before the call, so while there is no answer the code may exist, seen by nobody';
comment on column payment_attempts.failure_code is 'why it failed, or, while it is not over, what the last look stumbled on';

create table payment_events (
  id bigint not null generated always as identity,
  intent_id text not null,
  attempt_id text,
  type text not null,
  actor text not null,
  data jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null,
  xact xid8 not null default pg_current_xact_id(),
  merchant_event text,
  intent_state jsonb,
  refund_state jsonb,
  constraint payment_events_pkey PRIMARY KEY (intent_id, id),
  constraint payment_events_intent_id_fkey FOREIGN KEY (intent_id) REFERENCES payment_intents(id),
  constraint payment_events_actor CHECK (length(actor) >= 1 AND length(actor) <= 128),
  constraint payment_events_type CHECK (length(type) >= 1 AND length(type) <= 64)
);
CREATE INDEX payment_events_by_xact ON public.payment_events USING btree (xact);
CREATE TRIGGER payment_events_append_only BEFORE DELETE OR UPDATE ON public.payment_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
comment on column payment_events.merchant_event is 'type of the event that the merchant receives; null: none';
comment on column payment_events.intent_state is 'fields of the intent that change, after this event; null: as created';
comment on column payment_events.refund_state is 'the refund after this event, if the event is about one';

create table payment_intents (
  id text not null,
  merchant_id text not null,
  merchant_store_id text,
  merchant_terminal_id text,
  merchant_ref_id text not null,
  description text,
  amount bigint not null,
  currency text not null,
  payment_method_types text[] not null,
  status text not null,
  payment_token_hash bytea not null,
  payment_method_type text,
  amount_captured bigint,
  last_payment_error_code text,
  last_payment_error_message text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  succeeded_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  expired_at timestamp with time zone,
  amount_refunded bigint not null default 0,
  return_url text,
  constraint payment_intents_pkey PRIMARY KEY (id),
  constraint payment_intents_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint payment_intents_merchant_id_merchant_store_id_fkey FOREIGN KEY (merchant_id, merchant_store_id) REFERENCES stores(merchant_id, id),
  constraint payment_intents_amount CHECK (amount >= 1 AND amount <= '99999999999'::bigint),
  constraint payment_intents_amount_captured CHECK (amount_captured >= 1 AND amount_captured <= amount),
  constraint payment_intents_amount_refunded CHECK (amount_refunded >= 0 AND amount_refunded <= COALESCE(amount_captured, 0::bigint)),
  constraint payment_intents_cancelled CHECK ((status = 'cancelled'::text) = (cancelled_at IS NOT NULL)),
  constraint payment_intents_currency CHECK (currency ~ '^[A-Z]{3}$'::text),
  constraint payment_intents_expired CHECK (
CASE status
    WHEN 'expired'::text THEN expired_at IS NOT NULL
    WHEN 'succeeded'::text THEN true
    ELSE expired_at IS NULL
END),
  constraint payment_intents_id CHECK (id ~ '^pi_[0-9A-HJKMNP-TV-Z]{26}$'::text),
  constraint payment_intents_last_error CHECK ((last_payment_error_code IS NULL) = (last_payment_error_message IS NULL)),
  constraint payment_intents_method_type CHECK (payment_method_type = ANY (ARRAY['qr_mpm'::text, 'cash'::text])),
  constraint payment_intents_method_types CHECK (cardinality(payment_method_types) >= 1 AND payment_method_types <@ ARRAY['qr_mpm'::text, 'cash'::text]),
  constraint payment_intents_return_url_length CHECK (length(return_url) >= 1 AND length(return_url) <= 2048) NOT VALID,
  constraint payment_intents_status CHECK (status = ANY (ARRAY['requires_payment_method'::text, 'requires_action'::text, 'processing'::text, 'succeeded'::text, 'cancelled'::text, 'expired'::text])),
  constraint payment_intents_succeeded CHECK ((status = 'succeeded'::text) = (succeeded_at IS NOT NULL) AND (status = 'succeeded'::text) = (amount_captured IS NOT NULL) AND (status = 'succeeded'::text) = (payment_method_type IS NOT NULL)),
  constraint payment_intents_times CHECK (expires_at > created_at),
  constraint payment_intents_token_hash CHECK (octet_length(payment_token_hash) = 32)
);
CREATE INDEX payment_intents_by_merchant ON public.payment_intents USING btree (merchant_id, id COLLATE "C" DESC);
CREATE INDEX payment_intents_by_paid ON public.payment_intents USING btree (succeeded_at, id COLLATE "C", merchant_id, merchant_store_id) WHERE (succeeded_at IS NOT NULL);
CREATE INDEX payment_intents_by_ref ON public.payment_intents USING btree (merchant_id, merchant_ref_id, id COLLATE "C" DESC);
CREATE INDEX payment_intents_by_status ON public.payment_intents USING btree (merchant_id, status, id COLLATE "C" DESC);
CREATE INDEX payment_intents_by_store ON public.payment_intents USING btree (merchant_id, merchant_store_id, id COLLATE "C" DESC);
CREATE INDEX payment_intents_by_store_and_status ON public.payment_intents USING btree (merchant_id, merchant_store_id, status, id COLLATE "C" DESC);
CREATE INDEX payment_intents_to_expire ON public.payment_intents USING btree (expires_at) WHERE (status = ANY (ARRAY['requires_payment_method'::text, 'requires_action'::text, 'processing'::text]));
comment on column payment_intents.amount_refunded is 'pending and succeeded refunds of merchants and of the provider''s console';
comment on column payment_intents.return_url is 'the page of the shop to which the payer returns; null: none';

create table payment_minutes (
  minute timestamp with time zone not null,
  created integer not null,
  succeeded integer not null,
  ended integer not null,
  counted_at timestamp with time zone not null,
  constraint payment_minutes_pkey PRIMARY KEY (minute),
  constraint payment_minutes_counts CHECK (succeeded >= 0 AND succeeded <= ended AND ended <= created)
);
comment on table payment_minutes is 'a minute without a row was not counted; one without payments has zeros';
comment on column payment_minutes.ended is 'of those created in the minute: succeeded, cancelled or expired';

create table payment_processor_configs (
  merchant_id text not null,
  store_id text not null,
  provider text not null,
  is_active boolean not null,
  credentials bytea not null,
  credentials_fingerprint bytea not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint payment_processor_configs_pkey PRIMARY KEY (merchant_id, store_id, provider),
  constraint payment_processor_configs_merchant_id_store_id_fkey FOREIGN KEY (merchant_id, store_id) REFERENCES stores(merchant_id, id),
  constraint payment_processor_configs_provider CHECK (provider = 'PAYPAY'::text)
);
comment on column payment_processor_configs.credentials is 'JSON, encrypted at rest';
comment on column payment_processor_configs.credentials_fingerprint is 'keyed digest of the plain credentials: encryption is salted, so equality is seen here';

create table provider_calls (
  object_id text not null,
  operation text not null,
  outcome text not null,
  code text not null,
  provider text not null,
  calls integer not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  last_ms integer not null,
  last_request_id text,
  constraint provider_calls_pkey PRIMARY KEY (object_id, operation, outcome, code),
  constraint provider_calls_calls CHECK (calls > 0),
  constraint provider_calls_texts CHECK (length(object_id) <= 64 AND length(operation) <= 64 AND length(outcome) <= 32 AND length(code) <= 64)
);
CREATE INDEX provider_calls_by_first ON public.provider_calls USING btree (first_at);
comment on column provider_calls.object_id is 'of the attempt or the refund';
comment on column provider_calls.code is 'the result code of the provider; empty: there was no readable response';
comment on column provider_calls.last_request_id is 'of the provider, for its support';

create table provider_minutes (
  minute timestamp with time zone not null,
  operation text not null,
  calls integer not null,
  failed integer not null,
  total_ms bigint not null,
  max_ms integer not null,
  le_100 integer not null,
  le_300 integer not null,
  le_1000 integer not null,
  le_3000 integer not null,
  constraint provider_minutes_pkey PRIMARY KEY (minute, operation)
);
comment on column provider_minutes.failed is 'without a response, or with one that says that the provider is at fault';
comment on column provider_minutes.le_300 is 'calls that took at most so many milliseconds';

create table provider_reads (
  provider text not null,
  second timestamp with time zone not null,
  taken integer not null,
  constraint provider_reads_pkey PRIMARY KEY (provider),
  constraint provider_reads_taken CHECK (taken >= 0)
);

create table provider_webhooks (
  id bigint not null generated always as identity,
  provider text not null,
  dedupe_key text not null,
  type text not null,
  attempt_id text,
  provider_payment_id text,
  body bytea not null,
  peer_address text,
  deliveries integer not null default 1,
  status text not null,
  tries integer not null default 0,
  next_try_at timestamp with time zone,
  received_at timestamp with time zone not null,
  processed_at timestamp with time zone,
  note text,
  constraint provider_webhooks_once UNIQUE (provider, dedupe_key),
  constraint provider_webhooks_pkey PRIMARY KEY (id),
  constraint provider_webhooks_due CHECK ((status = 'received'::text) = (next_try_at IS NOT NULL)),
  constraint provider_webhooks_processed CHECK ((status = 'received'::text) = (processed_at IS NULL)),
  constraint provider_webhooks_status CHECK (status = ANY (ARRAY['received'::text, 'processed'::text, 'ignored'::text, 'orphaned'::text])) NOT VALID
);
CREATE INDEX provider_webhooks_by_attempt ON public.provider_webhooks USING btree (attempt_id, id) WHERE (attempt_id IS NOT NULL);
CREATE INDEX provider_webhooks_by_status ON public.provider_webhooks USING btree (status, id);
CREATE INDEX provider_webhooks_orphaned ON public.provider_webhooks USING btree (id) WHERE (status = 'orphaned'::text);
CREATE INDEX provider_webhooks_to_process ON public.provider_webhooks USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
CREATE INDEX provider_webhooks_to_remove ON public.provider_webhooks USING btree (processed_at) WHERE (status = ANY (ARRAY['processed'::text, 'ignored'::text]));

create table refunds (
  id text not null,
  attempt_id text,
  intent_id text not null,
  merchant_id text not null,
  provider_payment_id text,
  amount bigint not null,
  currency text not null,
  return_reason text,
  status text not null,
  returned_by text,
  is_cancel_refused boolean not null default false,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  tries integer not null default 0,
  next_try_at timestamp with time zone,
  last_error_code text,
  origin text not null,
  method text not null,
  reason text,
  description text,
  merchant_store_id text,
  merchant_refund_ref_id text,
  merchant_staff_id text,
  merchant_terminal_id text,
  provider_refund_id text,
  pending_reason text,
  failure_code text,
  failure_message text,
  constraint refunds_pkey PRIMARY KEY (id),
  constraint refunds_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES payment_attempts(id),
  constraint refunds_intent_id_fkey FOREIGN KEY (intent_id) REFERENCES payment_intents(id),
  constraint refunds_amount CHECK (amount >= 1 AND amount <= '99999999999'::bigint),
  constraint refunds_cash CHECK (method <> 'cash'::text OR origin = 'merchant'::text AND status = 'succeeded'::text),
  constraint refunds_due CHECK ((status = 'pending'::text) = (next_try_at IS NOT NULL)),
  constraint refunds_ended CHECK ((status = 'pending'::text) = (ended_at IS NULL)),
  constraint refunds_failed CHECK ((status = 'failed'::text) = (failure_code IS NOT NULL) AND (failure_code IS NULL) = (failure_message IS NULL)),
  constraint refunds_foreign CHECK ((provider_refund_id IS NOT NULL) = (origin = 'provider'::text)),
  constraint refunds_id CHECK (id ~ '^re_[0-9A-HJKMNP-TV-Z]{26}$'::text),
  constraint refunds_method CHECK (method = ANY (ARRAY['provider'::text, 'cash'::text])),
  constraint refunds_origin CHECK (origin = ANY (ARRAY['merchant'::text, 'gateway'::text, 'provider'::text])),
  constraint refunds_pending CHECK ((status = 'pending'::text) = (pending_reason IS NOT NULL)),
  constraint refunds_pending_reason CHECK (pending_reason = ANY (ARRAY['provider_processing'::text, 'provider_unavailable'::text, 'waiting_for_other_refund'::text, 'waiting_for_approval'::text])),
  constraint refunds_provider CHECK (method = 'cash'::text OR attempt_id IS NOT NULL AND provider_payment_id IS NOT NULL),
  constraint refunds_reason CHECK (reason = ANY (ARRAY['requested_by_customer'::text, 'duplicate'::text, 'fraudulent'::text, 'other'::text])),
  constraint refunds_return_reason CHECK ((return_reason IS NOT NULL) = (origin = 'gateway'::text) AND (return_reason = ANY (ARRAY['paid_after_cancel'::text, 'paid_after_expiry'::text, 'second_payment'::text, 'paid_after_abandon'::text]))),
  constraint refunds_returned_by CHECK (returned_by = ANY (ARRAY['cancel'::text, 'refund'::text])),
  constraint refunds_status CHECK (status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]))
);
CREATE INDEX refunds_by_intent ON public.refunds USING btree (intent_id, id COLLATE "C" DESC);
CREATE INDEX refunds_by_merchant ON public.refunds USING btree (merchant_id, id COLLATE "C" DESC);
CREATE INDEX refunds_by_reason ON public.refunds USING btree (merchant_id, reason, id COLLATE "C" DESC);
CREATE UNIQUE INDEX refunds_by_ref ON public.refunds USING btree (merchant_id, merchant_refund_ref_id) WHERE (merchant_refund_ref_id IS NOT NULL);
CREATE INDEX refunds_by_status ON public.refunds USING btree (merchant_id, status, id COLLATE "C" DESC);
CREATE INDEX refunds_by_store ON public.refunds USING btree (merchant_id, merchant_store_id, id COLLATE "C" DESC);
CREATE INDEX refunds_by_success ON public.refunds USING btree (ended_at, merchant_id, merchant_store_id) WHERE (status = 'succeeded'::text);
CREATE INDEX refunds_next_of_attempt ON public.refunds USING btree (attempt_id, next_try_at, id) WHERE (next_try_at IS NOT NULL);
CREATE UNIQUE INDEX refunds_of_gateway ON public.refunds USING btree (attempt_id) WHERE (origin = 'gateway'::text);
CREATE UNIQUE INDEX refunds_of_provider ON public.refunds USING btree (attempt_id, provider_refund_id) WHERE (origin = 'provider'::text);
CREATE INDEX refunds_to_try ON public.refunds USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);
comment on column refunds.return_reason is 'why the gateway returns the money; null: not made by the gateway';
comment on column refunds.returned_by is 'the call that returns the money of the gateway''s refunds';
comment on column refunds.is_cancel_refused is 'the provider refused to cancel, so from then on it is a refund';
comment on column refunds.ended_at is 'when it succeeded or failed';
comment on column refunds.origin is 'who made it: the merchant, the gateway, or somebody in the provider''s own console';
comment on column refunds.provider_refund_id is 'of a refund that was not made through the gateway';

create table stores (
  merchant_id text not null,
  id text not null,
  name text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  time_zone text,
  constraint stores_pkey PRIMARY KEY (merchant_id, id),
  constraint stores_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint stores_id_length CHECK (length(id) >= 1 AND length(id) <= 64),
  constraint stores_name_length CHECK (length(name) >= 1 AND length(name) <= 255),
  constraint stores_time_zone_length CHECK (length(time_zone) >= 1 AND length(time_zone) <= 64)
);
comment on column stores.time_zone is 'IANA name; null: never said, Asia/Tokyo';

create table webhook_deliveries (
  id text not null,
  endpoint_id text not null,
  merchant_id text not null,
  event_id text not null,
  position bigint not null,
  event_type text not null,
  object_id text not null,
  is_ordered boolean not null,
  status text not null,
  tries integer not null default 0,
  next_try_at timestamp with time zone,
  attempts jsonb not null default '[]'::jsonb,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  is_blocked boolean not null default false,
  merchant_store_id text,
  constraint webhook_deliveries_once UNIQUE (endpoint_id, "position"),
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id),
  constraint webhook_deliveries_due CHECK ((status = 'pending'::text) = (next_try_at IS NOT NULL)),
  constraint webhook_deliveries_ended CHECK ((status = 'pending'::text) = (ended_at IS NULL)),
  constraint webhook_deliveries_id CHECK (id ~ '^wd_[0-9A-HJKMNP-TV-Z]{26}$'::text),
  constraint webhook_deliveries_status CHECK (status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]))
);
CREATE INDEX webhook_deliveries_by_object ON public.webhook_deliveries USING btree (object_id, "position");
CREATE INDEX webhook_deliveries_failed ON public.webhook_deliveries USING btree (endpoint_id, "position", event_id) WHERE (status = 'failed'::text);
CREATE INDEX webhook_deliveries_in_order ON public.webhook_deliveries USING btree (endpoint_id, object_id, "position") WHERE ((status = 'pending'::text) AND is_ordered);
CREATE INDEX webhook_deliveries_next ON public.webhook_deliveries USING btree (endpoint_id, is_blocked, next_try_at) WHERE (status = 'pending'::text);
comment on column webhook_deliveries.position is 'of the event in the feed';
comment on column webhook_deliveries.is_ordered is 'waits until earlier deliveries of the same object to the same endpoint have ended';
comment on column webhook_deliveries.tries is 'since it was created or last sent again by hand';
comment on column webhook_deliveries.attempts is 'the last 20, oldest first';
comment on column webhook_deliveries.is_blocked is 'while pending: a claim has found an earlier pending delivery of the object; see is_ordered';
comment on column webhook_deliveries.merchant_store_id is 'of the event; null: none, or from before it was recorded';

create table webhook_endpoints (
  id text not null,
  merchant_id text not null,
  url text not null,
  description text,
  event_types text[],
  merchant_store_ids text[],
  ordering text not null,
  signature text not null,
  max_per_second integer,
  status text not null,
  disabled_reason text,
  secrets bytea,
  idempotency_id text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  failures integer not null default 0,
  failing_since timestamp with time zone,
  last_failure_at timestamp with time zone,
  suspensions integer not null default 0,
  suspended_until timestamp with time zone,
  paced_second timestamp with time zone,
  paced_count integer not null default 0,
  constraint webhook_endpoints_pkey PRIMARY KEY (id),
  constraint webhook_endpoints_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id),
  constraint webhook_endpoints_disabled CHECK ((disabled_reason IS NOT NULL) = (status = 'disabled'::text) AND (disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text, 'operator'::text]))),
  constraint webhook_endpoints_id CHECK (id ~ '^we_[0-9A-HJKMNP-TV-Z]{26}$'::text),
  constraint webhook_endpoints_ordering CHECK (ordering = ANY (ARRAY['none'::text, 'per_payment_intent'::text])),
  constraint webhook_endpoints_secrets CHECK ((status = 'deleted'::text) = (secrets IS NULL)),
  constraint webhook_endpoints_signature CHECK (signature = ANY (ARRAY['hmac'::text, 'ed25519'::text])),
  constraint webhook_endpoints_status CHECK (status = ANY (ARRAY['enabled'::text, 'paused'::text, 'disabled'::text, 'deleted'::text])),
  constraint webhook_endpoints_url_length CHECK (length(url) >= 1 AND length(url) <= 2048)
);
CREATE INDEX webhook_endpoints_by_merchant ON public.webhook_endpoints USING btree (merchant_id, id) WHERE (status <> 'deleted'::text);
comment on column webhook_endpoints.event_types is 'null: all';
comment on column webhook_endpoints.merchant_store_ids is 'null: all, and events of no store';
comment on column webhook_endpoints.secrets is 'JSON, encrypted at rest: the signing keys with their ends';
comment on column webhook_endpoints.idempotency_id is 'names the request that created it, so that a repetition after a crash finds it';
comment on column webhook_endpoints.failures is 'failed tries since the last success';
comment on column webhook_endpoints.suspensions is 'suspensions since the last success, which lengthen the next';
comment on column webhook_endpoints.suspended_until is 'when the next try is made; null: not suspended';
comment on column webhook_endpoints.paced_count is 'deliveries begun in paced_second, for max_per_second';

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name;
end
$function$;
