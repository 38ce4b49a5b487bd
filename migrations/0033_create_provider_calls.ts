/**
 * Calls to providers, for people who ask what happened to a payment. Equal calls about one attempt or refund are one row, so
 * that the hundred reads of a poller are too. Rows are written after the call and may be lost, so nothing is decided by them.
 *
 * Rows are removed by their first call, which does not change: an index on the last one would be written at every call.
 */
export const sql = `
create table provider_calls (
  object_id       text not null,
  operation       text not null,
  outcome         text not null,
  code            text not null,
  provider        text not null,
  calls           integer not null,
  first_at        timestamptz not null,
  last_at         timestamptz not null,
  last_ms         integer not null,
  last_request_id text,
  primary key (object_id, operation, outcome, code),
  constraint provider_calls_calls check (calls > 0),
  constraint provider_calls_texts check (length(object_id) <= 64 and length(operation) <= 64 and length(outcome) <= 32 and length(code) <= 64)
) with (fillfactor = 80);
comment on column provider_calls.object_id is 'of the attempt or the refund';
comment on column provider_calls.code is 'the result code of the provider; empty: there was no readable response';
comment on column provider_calls.last_request_id is 'of the provider, for its support';

create index provider_calls_by_first on provider_calls (first_at);
`;
