/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const signInHandlers: Pick<
  Handlers,
  | 'showSignIn'
  | 'startSignIn'
  | 'signIn'
  | 'startOidc'
  | 'finishOidc'
  | 'showDemoLink'
  | 'signInByDemoLink'
  | 'showInvitation'
  | 'startRegistration'
  | 'register'
> = {
  showSignIn() {
    throw notFound();
  },

  startSignIn() {
    throw notFound();
  },

  signIn() {
    throw notFound();
  },

  startOidc() {
    throw notFound();
  },

  finishOidc() {
    throw notFound();
  },

  showDemoLink() {
    throw notFound();
  },

  signInByDemoLink() {
    throw notFound();
  },

  showInvitation() {
    throw notFound();
  },

  startRegistration() {
    throw notFound();
  },

  register() {
    throw notFound();
  },
};
