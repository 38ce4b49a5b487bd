/**
 * How a merchant presents itself to its payers, written by sync. Everything is optional. The wider check of the history is not
 * validated, because every existing row fulfils the narrower one.
 */
export const sql = `
alter table merchants
  add column display_name text,
  add column logo_url text,
  add column accent_color text,
  add column support_phone text,
  add column support_email text,
  add constraint merchants_accent_color check (accent_color ~ '^#[0-9a-f]{6}$') not valid;
comment on column merchants.display_name is 'shown to payers instead of the name; null: the name is';
comment on column merchants.logo_url is 'where the gateway fetches the logo';
comment on column merchants.accent_color is '#rrggbb, visible on white';

alter table merchant_events drop constraint merchant_events_field;
alter table merchant_events add constraint merchant_events_field check (field in (
  'name', 'checkout_frame_ancestors', 'upstream', 'credentials', 'is_active',
  'display_name', 'logo_url', 'accent_color', 'support_phone', 'support_email')) not valid;
`;
