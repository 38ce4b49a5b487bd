/**
 * From a text in the form of RFC 3339 to a moment. One parser says both whether a text is a `date-time` of the contract and
 * which moment it means, because a validator and a parser that disagree make a fault out of bad input.
 */

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)$/;

const MINUTE_MS = 60_000;
const LEAP_SECOND = 60;
/** Longer texts are more digits of a second than anybody has. */
const MAX_LENGTH = 64;

/**
 * The moment, or undefined when the text names none. A leap second is the first moment of the second after it, because our
 * time does not have it. Offsets may be written `+09:00`, `+0900` or `+09`.
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
  // Unlike Date.UTC, this takes the years before 100 as they are.
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
