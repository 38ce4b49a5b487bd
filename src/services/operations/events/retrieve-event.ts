/**
 * retrieveEvent: one event of the merchant, as it was delivered.
 */
import { findEvent } from '../../../store/events/feed.ts';
import type { ServiceDeps } from '../../deps.ts';
import { eventNotFound, findDayOfEvent } from '../../events/event-day.ts';

/**
 * @returns the body of the event
 * @throws not_found when the merchant has no such event, or it has been removed
 */
export async function retrieveEvent(
  deps: ServiceDeps,
  { merchantId, eventId }: { merchantId: string; eventId: string },
): Promise<string> {
  const day = findDayOfEvent(eventId);
  const body = day && (await findEvent(deps.db, { merchantId, id: eventId, day }));
  if (body === undefined) {
    throw eventNotFound();
  }
  return body;
}
