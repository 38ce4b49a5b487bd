/**
 * The body of an event: rendered once, stored, and sent byte for byte on every delivery and in the feed.
 */

/** `timestamp` is the time of the event, and `data` the object as it was then. */
export function renderEvent(event: { id: string; type: string; timestamp: Date; data: object }): string {
  const { id, type, timestamp, data } = event;
  return JSON.stringify({ id, type, timestamp: timestamp.toISOString(), api_version: 'v1', data });
}
