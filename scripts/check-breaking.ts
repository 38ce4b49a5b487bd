/**
 * Compares openapi.yaml with the last released contract, generated/openapi.released.yaml, and fails on a change that
 * breaks clients, unless info.version has a new major number. Without Go the check is skipped with a message.
 * --release then makes the current contract the released one; `npm run release:contract`.
 *
 * `check-breaking [--release] [released] [current]`
 */
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findBreakingChanges, hasGo } from './breaking-changes.ts';

const [released = inRoot('generated/openapi.released.yaml'), current = inRoot('openapi.yaml')] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--release');

const isRelease = process.argv.includes('--release');
if (hasGo()) {
  const { isAllowed, report } = findBreakingChanges(released, current);
  print(report);
  if (isRelease && isAllowed) {
    copyFileSync(current, released);
  }
  process.exitCode = isAllowed ? 0 : 1;
} else {
  print('skipped: breaking changes of the contract (oasdiff needs Go, which is not installed)');
  process.exitCode = isRelease ? 1 : 0;
}

function inRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
