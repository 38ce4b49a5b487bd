import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { findBreakingChanges, hasGo } from '../../scripts/breaking-changes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const released = readFileSync(join(ROOT, 'openapi.yaml'), 'utf8');
const major = Number(/version: (\d+)\./.exec(released)?.[1]);
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-breaking-'));
afterAll(() => rmSync(folder, { recursive: true }));

const isGoThere = hasGo();
const needsGo = isGoThere ? '' : ' (skipped: needs Go)';

/** Writes the current contract, as if it were the released one, and a changed one. */
function filesOf(change: (contract: string) => string): [released: string, current: string] {
  const [before, after] = [join(folder, 'before.yaml'), join(folder, 'after.yaml')];
  const changed = change(released);
  if (changed === released) {
    throw new Error('the change changes nothing');
  }
  writeFileSync(before, released);
  writeFileSync(after, changed);
  return [before, after];
}

const check = (change: (contract: string) => string) => findBreakingChanges(...filesOf(change));
const withoutMethod = (contract: string) => contract.replace('enum: [qr_mpm, cash]', 'enum: [qr_mpm]');
const newMajor = (contract: string) =>
  contract.replace(/version: \d+\.\d+\.\d+/, `version: ${major + 1}.0.0`);

describe.skipIf(!isGoThere)(`the check for breaking changes${needsGo}`, () => {
  it.each([
    ['a method that is gone', withoutMethod],
    [
      'a field that is asked for',
      (text: string) =>
        text.replace(
          'required: [payment_method_type, provider]',
          'required: [payment_token, payment_method_type, provider]',
        ),
    ],
    [
      'a field that may be missing from an answer',
      (text: string) => text.replace('required: [payment_id, qr_content,', 'required: [payment_id,'),
    ],
  ])('refuses %s', (_, change) => {
    const { isAllowed, report } = check(change);
    expect(report).toContain('These changes break clients. Undo them');
    expect(isAllowed).toBe(false);
  });

  it('accepts them with a new major version', () => {
    const { isAllowed, report } = check((text) => newMajor(withoutMethod(text)));
    expect(report).toContain('has a new major number');
    expect(isAllowed).toBe(true);
  });

  it('accepts additions', () => {
    const { isAllowed } = check((text) =>
      text.replace('required: [payment_id,', 'x-note: more\n      required: [payment_id,'),
    );
    expect(isAllowed).toBe(true);
  });

  it('fails as a command, with the changes', () => {
    const program = ['--import', 'tsx', join(ROOT, 'scripts/check-breaking.ts'), ...filesOf(withoutMethod)];
    const { status, stdout } = spawnSync('node', program, { encoding: 'utf8', cwd: ROOT });
    expect([status, stdout]).toEqual([1, expect.stringContaining('These changes break clients. Undo them')]);
  });
});
