/**
 * Operators of the console: what they may do, the passkeys they sign in with, their sessions, and the invitations by which they
 * register. Of secrets only the SHA-256 is stored. Challenges are those of sign-ins in progress.
 */
export const sql = `
create table operators (
  id           text primary key,
  name         text not null,
  is_demo      boolean not null default false,
  oidc_issuer  text,
  oidc_subject text,
  created_at   timestamptz not null,
  last_seen_at timestamptz,
  disabled_at  timestamptz,
  constraint operators_name check (length(name) between 1 and 100),
  constraint operators_oidc check ((oidc_issuer is null) = (oidc_subject is null)),
  constraint operators_oidc_unique unique (oidc_issuer, oidc_subject)
);
comment on column operators.oidc_subject is 'who they are at the identity provider; null: they sign in with passkeys only';
create unique index operators_one_demo on operators (is_demo) where is_demo;

create table operator_grants (
  operator_id       text not null references operators (id),
  role              text not null,
  merchant_id       text references merchants (id),
  store_id          text,
  max_refund_amount bigint,
  constraint operator_grants_role check (role in ('viewer', 'support', 'finance', 'refunder', 'admin')),
  constraint operator_grants_store check (store_id is null or merchant_id is not null),
  constraint operator_grants_max_refund_amount check (max_refund_amount between 1 and 99999999999),
  constraint operator_grants_store_exists foreign key (merchant_id, store_id) references stores (merchant_id, id)
);
create unique index operator_grants_of_operator
  on operator_grants (operator_id, role, coalesce(merchant_id, ''), coalesce(store_id, ''));
comment on column operator_grants.merchant_id is 'null: all merchants';
comment on column operator_grants.store_id is 'null: all stores of the merchant, and what belongs to no store';

create table operator_passkeys (
  id           text primary key,
  operator_id  text not null references operators (id),
  public_key   bytea not null,
  counter      bigint not null,
  transports   text[] not null default '{}',
  label        text not null,
  created_at   timestamptz not null,
  last_used_at timestamptz,
  constraint operator_passkeys_label check (length(label) between 1 and 100)
);
comment on column operator_passkeys.id is 'the credential id, base64url';
create index operator_passkeys_of_operator on operator_passkeys (operator_id);

create table operator_sessions (
  hash           text primary key,
  operator_id    text not null references operators (id),
  method         text not null,
  created_at     timestamptz not null,
  last_seen_at   timestamptz not null,
  verified_at    timestamptz not null,
  client_address text,
  user_agent     text,
  constraint operator_sessions_method check (method in ('passkey', 'oidc', 'demo')),
  constraint operator_sessions_user_agent check (length(user_agent) <= 200)
);
comment on column operator_sessions.verified_at is 'when the operator last proved who they are';
create index operator_sessions_of_operator on operator_sessions (operator_id);
create index operator_sessions_by_last_seen on operator_sessions (last_seen_at);

create table operator_invitations (
  hash        text primary key,
  operator_id text not null references operators (id),
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  used_at     timestamptz
);
create index operator_invitations_of_operator on operator_invitations (operator_id);

create table operator_challenges (
  challenge  text primary key,
  purpose    text not null,
  bound_to   text,
  data       text,
  expires_at timestamptz not null,
  constraint operator_challenges_purpose check (purpose in ('sign_in', 'register', 'verify', 'oidc')),
  constraint operator_challenges_data check (length(data) <= 65536)
);
comment on column operator_challenges.bound_to is 'the session or the invitation that it is for; null: anybody, who signs in';
comment on column operator_challenges.data is 'what is needed when it comes back, as JSON';
create index operator_challenges_by_expiry on operator_challenges (purpose, expires_at);
`;
