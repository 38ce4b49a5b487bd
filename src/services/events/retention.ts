/**
 * How long events are kept, and the deliveries of them.
 */

/** In milliseconds: 30 days. */
export const EVENT_RETENTION_MS = 30 * 24 * 3_600_000;
