/**
 * Placeholder.
 */
import type { Handlers } from '../call.ts';
import { notFound } from '../refusals.ts';

export const auditHandlers: Pick<Handlers, 'listAudit' | 'exportAudit' | 'verifyAudit'> = {
  listAudit() {
    throw notFound();
  },

  exportAudit() {
    throw notFound();
  },

  verifyAudit() {
    throw notFound();
  },
};
