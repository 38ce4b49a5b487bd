/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const oidcHandlers: Pick<Handlers, 'startOidc' | 'finishOidc'> = {
  startOidc() {
    throw notFound();
  },

  finishOidc() {
    throw notFound();
  },
};
