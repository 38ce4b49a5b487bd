/**
 * Compares openapi.yaml with the last released contract, generated/openapi.released.yaml, and fails on a change that
 * breaks clients, unless info.version has a new major number. Without Go the check is skipped with a message.
 * --release makes the current contract the released one.
 *
 * `check-breaking [--release] [released] [current]`
 */
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findBreakingChanges, hasGo } from './breaking-changes.ts';

const [released = inRoot('generated/openapi.released.yaml'), current = inRoot('openapi.yaml')] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--release');

if (process.argv.includes('--release')) {
  copyFileSync(current, released);
}
if (hasGo()) {
  const { isAllowed, report } = findBreakingChanges(released, current);
  print(report);
  process.exitCode = isAllowed ? 0 : 1;
} else {
  print('skipped: breaking changes of the contract (oasdiff needs Go, which is not installed)');
}

function inRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
