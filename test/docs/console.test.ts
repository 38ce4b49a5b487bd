/**
 * The table of roles in docs/console.md, compared with the roles.
 */
import { expect, it } from 'vitest';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from '../../src/domain/operators/roles.ts';
import { readSource } from '../support/source-files.ts';

it('the table of roles names every permission, and gives it to the roles that have it', () => {
  const rows = readSource('docs/console.md').lines.filter((line) => /^\| `\w+:\w+` /.test(line));
  const documented = rows.map((line) => {
    const [, first = '', ...cells] = line.split('|');
    return {
      permission: /`(.+)`/.exec(first)?.[1],
      roles: ROLES.filter((_, index) => cells[index]?.trim() === '✓'),
    };
  });
  const real = PERMISSIONS.map((permission) => ({
    permission,
    roles: ROLES.filter((role) => ROLE_PERMISSIONS[role].has(permission)),
  }));
  const byName = (a: { permission?: string | undefined }, b: { permission?: string | undefined }) =>
    String(a.permission).localeCompare(String(b.permission));
  expect(documented.sort(byName)).toEqual(real.sort(byName));
});
