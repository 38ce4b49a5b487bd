/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const healthHandlers: Pick<Handlers, 'showHealth'> = {
  showHealth() {
    throw notFound();
  },
};
