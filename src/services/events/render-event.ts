/**
 * The body of an event: rendered once, stored, and sent byte for byte on every delivery and in the feed.
 */
import { presentTimestamp } from '../../presenters/timestamp.ts';

/**
 * @param event its `timestamp` is when it happened, and `data` contains the object as it was then
 * @returns JSON
 */
export function renderEvent(event: { id: string; type: string; timestamp: Date; data: object }): string {
  const { id, type, timestamp, data } = event;
  return JSON.stringify({ id, type, timestamp: presentTimestamp(timestamp), api_version: 'v1', data });
}
