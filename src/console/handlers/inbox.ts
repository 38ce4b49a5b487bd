/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const inboxHandlers: Pick<Handlers, 'listInbox' | 'replayInbox'> = {
  listInbox() {
    throw notFound();
  },

  replayInbox() {
    throw notFound();
  },
};
