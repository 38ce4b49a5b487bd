/**
 * Cursors of the events feed: an epoch and a position. The epoch changes when the database is restored, after which
 * positions may be given again.
 */
import { DomainError, invalidField } from '../../domain/errors.ts';
import type { FeedRead, FeedStart } from '../../store/events/feed.ts';

const PATTERN = /^([0-9a-f]{12})-(\d{1,15})$/;

export function renderCursor(epoch: string, position: number): string {
  return `${epoch}-${position}`;
}

/**
 * @param cursor as the client sent it; undefined: from now
 * @throws invalid_request when it was not made by the gateway
 */
export function parseCursor(field: string, cursor: string | undefined): FeedStart {
  if (cursor === undefined) {
    return 'now';
  }
  if (cursor === 'oldest') {
    return 'oldest';
  }
  const [, epoch, position] = PATTERN.exec(cursor) ?? [];
  if (epoch === undefined) {
    throw invalidField(
      field,
      'format',
      'The cursor must be a next_cursor of the events feed, unchanged, or oldest',
    );
  }
  return { epoch, position: Number(position) };
}

/** @throws cursor_expired when events after the cursor are missing */
export function requireComplete({ epoch, head, removed, start }: FeedRead): void {
  if (start === undefined || start < removed || start > head) {
    throw new DomainError(
      'cursor_expired',
      'The events after this cursor are no longer available; continue with details.oldest_cursor',
      { details: { oldest_cursor: renderCursor(epoch, removed) } },
    );
  }
}
