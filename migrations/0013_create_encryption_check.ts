/**
 * One sealed value that detects a wrong encryption key at start-up, before it can do harm. The value is the key of the
 * fingerprints, so that fingerprints stay the same when the encryption key is rotated.
 */
export const sql = `
create table encryption_check (
  is_only         boolean primary key default true,
  fingerprint_key bytea not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  constraint encryption_check_one_row check (is_only)
);
comment on column encryption_check.fingerprint_key is 'base64, encrypted at rest';
`;
