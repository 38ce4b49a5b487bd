/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const accountHandlers: Pick<
  Handlers,
  | 'showAccount'
  | 'startAddingPasskey'
  | 'addPasskey'
  | 'removePasskey'
  | 'endOwnSession'
  | 'signOut'
  | 'startVerification'
  | 'verify'
> = {
  showAccount() {
    throw notFound();
  },

  startAddingPasskey() {
    throw notFound();
  },

  addPasskey() {
    throw notFound();
  },

  removePasskey() {
    throw notFound();
  },

  endOwnSession() {
    throw notFound();
  },

  signOut() {
    throw notFound();
  },

  startVerification() {
    throw notFound();
  },

  verify() {
    throw notFound();
  },
};
