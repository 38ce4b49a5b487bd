/**
 * What operators of the console may do: roles, and the permissions of each.
 */

export const ROLES = ['viewer', 'support', 'finance', 'refunder', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** An object and what is done to it. */
export const PERMISSIONS = [
  'payments:read',
  'payments:export',
  'payments:refresh',
  'payments:cancel',
  'cash:capture',
  'refunds:create',
  'deliveries:redeliver',
  'inbox:read',
  'inbox:replay',
  'merchants:read',
  'limits:change',
  'endpoints:read',
  'endpoints:change',
  'keys:read',
  'keys:change',
  'operators:read',
  'operators:change',
  'health:read',
  'audit:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READING: readonly Permission[] = ['payments:read', 'merchants:read', 'endpoints:read', 'health:read'];

/** Several roles of one operator add up. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(READING),
  support: new Set([
    ...READING,
    'payments:refresh',
    'payments:cancel',
    'deliveries:redeliver',
    'endpoints:change',
    'inbox:read',
    'inbox:replay',
  ]),
  finance: new Set([...READING, 'payments:refresh', 'payments:export', 'audit:read']),
  refunder: new Set([...READING, 'payments:refresh', 'payments:cancel', 'cash:capture', 'refunds:create']),
  admin: new Set(PERMISSIONS),
};

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
