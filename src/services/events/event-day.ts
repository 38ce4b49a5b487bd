/**
 * The day of an event, by which it is stored: the UTC date of the time in its id.
 */
import { DomainError } from '../../domain/errors.ts';
import { utcDateOf } from '../../lib/date-time.ts';
import { isId, timeOfId } from '../../lib/ids.ts';

/** The first id of the year 10000. The gateway makes no such id, and a year of five digits would not fit. */
const YEAR_10000_ID = 'evt_76EZ91ZQ00';

/** `2026-01-15`; undefined when the id is not that of an event. */
export function findDayOfEvent(eventId: string): string | undefined {
  if (!isId('evt', eventId) || eventId >= YEAR_10000_ID) {
    return undefined;
  }
  return utcDateOf(timeOfId(eventId));
}

export function eventNotFound(): DomainError {
  return new DomainError('not_found', 'There is no event with this id, or it has been removed after 30 days');
}
