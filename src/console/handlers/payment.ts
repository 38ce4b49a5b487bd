/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const paymentHandlers: Pick<
  Handlers,
  'showPayment' | 'refreshPayment' | 'notePayment' | 'cancelPayment' | 'capturePayment' | 'refundPayment'
> = {
  showPayment() {
    throw notFound();
  },

  refreshPayment() {
    throw notFound();
  },

  notePayment() {
    throw notFound();
  },

  cancelPayment() {
    throw notFound();
  },

  capturePayment() {
    throw notFound();
  },

  refundPayment() {
    throw notFound();
  },
};
