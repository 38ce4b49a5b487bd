/**
 * The sections of the navigation, in groups. An operator sees those that they may use.
 */

export const SECTIONS = [
  { id: 'payments', group: 'money', path: '/payments', route: 'listPayments' },
  { id: 'refunds', group: 'money', path: '/refunds', route: 'listRefunds' },
  { id: 'merchants', group: 'merchants', path: '/merchants', route: 'listMerchants' },
  { id: 'keys', group: 'merchants', path: '/keys', route: 'listKeys' },
  { id: 'endpoints', group: 'merchants', path: '/endpoints', route: 'listEndpoints' },
  { id: 'inbox', group: 'gateway', path: '/inbox', route: 'listInbox' },
  { id: 'health', group: 'gateway', path: '/health', route: 'showHealth' },
  { id: 'operators', group: 'people', path: '/operators', route: 'listOperators' },
  { id: 'audit', group: 'people', path: '/audit', route: 'listAudit' },
] as const;

export type Section = (typeof SECTIONS)[number];
export type SectionId = Section['id'];
