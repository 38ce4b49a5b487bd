/**
 * Allows the scope `reports`. The wider check is not validated, because every existing row satisfies the narrower one.
 */
export const sql = `
alter table api_keys drop constraint api_keys_scopes;
alter table api_keys add constraint api_keys_scopes
  check (cardinality(scopes) > 0 and scopes <@ array['payments', 'refunds', 'refunds:cash', 'events', 'reports', 'sync']) not valid;
`;
