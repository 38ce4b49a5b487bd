/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const paymentsHandlers: Pick<
  Handlers,
  'showHome' | 'search' | 'listPayments' | 'exportPayments' | 'showExportProgress' | 'listRefunds'
> = {
  showHome() {
    throw notFound();
  },

  search() {
    throw notFound();
  },

  listPayments() {
    throw notFound();
  },

  exportPayments() {
    throw notFound();
  },

  showExportProgress() {
    throw notFound();
  },

  listRefunds() {
    throw notFound();
  },
};
