/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const endpointsHandlers: Pick<
  Handlers,
  'listEndpoints' | 'showEndpoint' | 'pauseEndpoint' | 'enableEndpoint' | 'showDelivery' | 'redeliver'
> = {
  listEndpoints() {
    throw notFound();
  },

  showEndpoint() {
    throw notFound();
  },

  pauseEndpoint() {
    throw notFound();
  },

  enableEndpoint() {
    throw notFound();
  },

  showDelivery() {
    throw notFound();
  },

  redeliver() {
    throw notFound();
  },
};
