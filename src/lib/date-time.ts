/**
 * Date-times as text. The validator and the handlers use the same parser, because if they disagreed, bad input would become
 * an internal error.
 */

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)$/;

const MINUTE_MS = 60_000;
const LEAP_SECOND = 60;
/** A longer text could only have more fractional digits, which have no meaning. */
const MAX_LENGTH = 64;

/**
 * The time that an RFC 3339 date-time names, or undefined if it is invalid. A leap second becomes the start of the next second, because
 * Date has no leap seconds. Offsets may be written `+09:00`, `+0900` or `+09`.
 */
export function parseDateTime(text: string): Date | undefined {
  const match = text.length > MAX_LENGTH ? null : DATE_TIME.exec(text);
  if (!match) {
    return undefined;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [fraction = '', sign = '+', offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  if (hour > 23 || minute > 59 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) {
    return undefined;
  }
  // Unlike Date.UTC, this does not map the years before 100 to 19xx.
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) {
    return undefined;
  }
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const minuteMs = midnight.getTime() + (hour * 60 + minute - offset) * MINUTE_MS;
  const isLeapSecond = second === LEAP_SECOND && isLastMinuteOfDay(minuteMs);
  if (second >= LEAP_SECOND && !isLeapSecond) {
    return undefined;
  }
  const ms = isLeapSecond ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  return new Date(minuteMs + second * 1000 + ms);
}

/** Leap seconds are added at the end of a day in UTC. */
function isLastMinuteOfDay(minuteMs: number): boolean {
  const minute = new Date(minuteMs);
  return minute.getUTCHours() === 23 && minute.getUTCMinutes() === 59;
}

/** The date in UTC, for example `2026-01-15`. For the years 0 to 9999. */
export function utcDateOf(moment: Date): string {
  return moment.toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** The day that the text names, `2026-01-15`, or undefined if there is no such day. */
export function parseDay(text: string): string | undefined {
  const midnight = /^\d{4}-\d\d-\d\d$/.test(text) ? parseDateTime(`${text}T00:00:00Z`) : undefined;
  return midnight && text;
}

const HOUR_MS = 3_600_000;
/** How far the earliest and the latest time zone on Earth are from UTC. */
const EARLIEST_ZONE_HOURS = 14;
const LATEST_ZONE_HOURS = 12;

/** The time from which and the time until which it is this day in some time zone. */
export function spanOfDay(day: string): { readonly from: Date; readonly to: Date } {
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  return {
    from: new Date(midnightMs - EARLIEST_ZONE_HOURS * HOUR_MS),
    to: new Date(midnightMs + (24 + LATEST_ZONE_HOURS) * HOUR_MS),
  };
}

/** One per time zone, because making one takes longer than using it a thousand times. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Date and time in a time zone, for example `2026-01-15 19:00:00`. */
export function localDateTimeOf(moment: Date, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    // Sweden writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return format.format(moment);
}

/** The day in a time zone, for example `2026-01-15`. */
export function localDayOf(moment: Date, timeZone: string): string {
  return localDateTimeOf(moment, timeZone).slice(0, 'YYYY-MM-DD'.length);
}

/** When a day begins in a time zone; where the clocks are changed at that moment, to within the change. */
export function startOfDay(day: string, timeZone: string): Date {
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  const guessMs = midnightMs - offsetMs(midnightMs, timeZone);
  return new Date(midnightMs - offsetMs(guessMs, timeZone));
}

/** How far the zone is ahead of UTC. */
function offsetMs(atMs: number, timeZone: string): number {
  const local = localDateTimeOf(new Date(atMs), timeZone).replace(' ', 'T');
  return Date.parse(`${local}Z`) - Math.floor(atMs / 1000) * 1000;
}

/** The day so many days later, or earlier when the number is negative. */
export function addDays(day: string, days: number): string {
  return utcDateOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * 24 * HOUR_MS));
}
