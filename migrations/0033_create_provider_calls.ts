/**
 * Calls to providers, for people who ask what happened to a payment. Equal calls about one attempt or refund are one row, so
 * that the hundred reads of a poller are too. Rows are written after the call and may be lost, so nothing is decided by them.
 *
 * provider_minutes has how the calls went, minute by minute, for the plots of the health page; all processes add to the same few
 * rows.
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

create table provider_minutes (
  minute    timestamptz not null,
  operation text not null,
  calls     integer not null,
  failed    integer not null,
  total_ms  bigint not null,
  max_ms    integer not null,
  le_100    integer not null,
  le_300    integer not null,
  le_1000   integer not null,
  le_3000   integer not null,
  primary key (minute, operation)
);
comment on column provider_minutes.failed is 'without a response, or with one that says that the provider is at fault';
comment on column provider_minutes.le_300 is 'calls that took at most so many milliseconds';
`;
