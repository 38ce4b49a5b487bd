/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const merchantsHandlers: Pick<Handlers, 'listMerchants' | 'showMerchant' | 'setMerchantLimit'> = {
  listMerchants() {
    throw notFound();
  },

  showMerchant() {
    throw notFound();
  },

  setMerchantLimit() {
    throw notFound();
  },
};
