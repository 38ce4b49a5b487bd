/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const operatorsHandlers: Pick<
  Handlers,
  | 'listOperators'
  | 'inviteOperator'
  | 'showOperator'
  | 'changeGrants'
  | 'inviteAgain'
  | 'disableOperator'
  | 'enableOperator'
> = {
  listOperators() {
    throw notFound();
  },

  inviteOperator() {
    throw notFound();
  },

  showOperator() {
    throw notFound();
  },

  changeGrants() {
    throw notFound();
  },

  inviteAgain() {
    throw notFound();
  },

  disableOperator() {
    throw notFound();
  },

  enableOperator() {
    throw notFound();
  },
};
