/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const keysHandlers: Pick<
  Handlers,
  'listKeys' | 'createKey' | 'showKey' | 'updateKey' | 'rotateKey' | 'revokeKey'
> = {
  listKeys() {
    throw notFound();
  },

  createKey() {
    throw notFound();
  },

  showKey() {
    throw notFound();
  },

  updateKey() {
    throw notFound();
  },

  rotateKey() {
    throw notFound();
  },

  revokeKey() {
    throw notFound();
  },
};
