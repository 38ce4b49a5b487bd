/**
 * How many payments were created in each minute, and how they have ended, for the plots of the console. Recomputed for as long as
 * most payments are open, and kept for eight days.
 */
export const sql = `
create table payment_minutes (
  minute     timestamptz primary key,
  created    integer not null,
  succeeded  integer not null,
  ended      integer not null,
  counted_at timestamptz not null,
  constraint payment_minutes_counts check (succeeded between 0 and ended and ended <= created)
);
comment on table payment_minutes is 'a minute without a row was not counted; one without payments has zeros';
comment on column payment_minutes.ended is 'of those created in the minute: succeeded, cancelled or expired';
`;
