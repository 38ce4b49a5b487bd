import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const released = readFileSync(join(ROOT, 'openapi.yaml'), 'utf8');
const major = Number(/version: (\d+)\./.exec(released)?.[1]);
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-breaking-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasGo = spawnSync('go', ['version']).status === 0;
const needsGo = hasGo ? '' : ' (skipped: needs Go)';

/** Compares today's contract, as if it were the released one, with a changed one. */
function check(change: (contract: string) => string): { code: number | null; output: string } {
  const [before, after] = [join(folder, 'before.yaml'), join(folder, 'after.yaml')];
  const changed = change(released);
  if (changed === released) {
    throw new Error('the change changes nothing');
  }
  writeFileSync(before, released);
  writeFileSync(after, changed);
  const program = ['--import', 'tsx', join(ROOT, 'scripts/check-breaking.ts'), before, after];
  const { status, stdout, stderr } = spawnSync('node', program, { encoding: 'utf8', cwd: ROOT });
  return { code: status, output: stdout + stderr };
}

const newMajor = (contract: string) =>
  contract.replace(/version: \d+\.\d+\.\d+/, `version: ${major + 1}.0.0`);

describe.skipIf(!hasGo)(`the check for breaking changes${needsGo}`, () => {
  it.each([
    ['a method that is gone', (text: string) => text.replace('enum: [qr_mpm, cash]', 'enum: [qr_mpm]')],
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
    const { code, output } = check(change);
    expect(output).toContain('These changes break clients. Undo them');
    expect(code).toBe(1);
  });

  it('lets them pass with a new major version', () => {
    const { code, output } = check((text) =>
      newMajor(text.replace('enum: [qr_mpm, cash]', 'enum: [qr_mpm]')),
    );
    expect(output).toContain('has a new major number');
    expect(code).toBe(0);
  });

  it('lets additions pass', () => {
    const { code } = check((text) =>
      text.replace('required: [payment_id,', 'x-note: more\n      required: [payment_id,'),
    );
    expect(code).toBe(0);
  });
});
