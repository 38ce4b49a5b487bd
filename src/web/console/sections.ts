/**
 * The sections of the navigation. An operator sees those that they may use.
 */

export const SECTIONS = [
  { id: 'payments', path: '/payments', route: 'listPayments' },
  { id: 'refunds', path: '/refunds', route: 'listRefunds' },
  { id: 'merchants', path: '/merchants', route: 'listMerchants' },
  { id: 'keys', path: '/keys', route: 'listKeys' },
  { id: 'endpoints', path: '/endpoints', route: 'listEndpoints' },
  { id: 'inbox', path: '/inbox', route: 'listInbox' },
  { id: 'health', path: '/health', route: 'showHealth' },
  { id: 'operators', path: '/operators', route: 'listOperators' },
  { id: 'audit', path: '/audit', route: 'listAudit' },
] as const;

export type Section = (typeof SECTIONS)[number];
export type SectionId = Section['id'];
