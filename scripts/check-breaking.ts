/**
 * Compares openapi.yaml with the last released contract, generated/openapi.released.yaml, and fails on a change that
 * breaks clients, unless info.version has a new major number. The comparison is made by oasdiff, which needs Go;
 * without Go the check is skipped with a message. --release makes the current contract the released one.
 *
 * `check-breaking [--release] [released] [current]`
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const OASDIFF = 'github.com/oasdiff/oasdiff@v1.36.0';
const [released = inRoot('generated/openapi.released.yaml'), current = inRoot('openapi.yaml')] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--release');

if (process.argv.includes('--release')) {
  copyFileSync(current, released);
}
process.exitCode = check();

/** @returns the exit code */
function check(): number {
  if (spawnSync('go', ['version']).status !== 0) {
    print('skipped: breaking changes of the contract (oasdiff needs Go, which is not installed)');
    return 0;
  }
  const options = [
    'breaking',
    released,
    current,
    '--fail-on',
    'ERR',
    '--flatten-allof',
    '--format',
    'singleline',
  ];
  const { status, stdout, stderr } = spawnSync('go', ['run', OASDIFF, ...options], { encoding: 'utf8' });
  if (status === 0) {
    print('The contract has no breaking changes.');
    return 0;
  }
  // `go run` has the same exit code for breaking changes and for a failure of the tool; only the former lists changes.
  if (!/^\d+ changes?:/m.test(stdout)) {
    throw new Error(`oasdiff could not compare: ${stderr}`);
  }
  print(stdout.trim());
  return compare(majorOf(released), majorOf(current));
}

function compare(before: number, now: number): number {
  if (now > before) {
    print(`These changes break clients; info.version has a new major number (${before} → ${now}).`);
    return 0;
  }
  print('These changes break clients. Undo them, or give info.version a new major number.');
  return 1;
}

function majorOf(path: string): number {
  const { info } = parse(readFileSync(path, 'utf8')) as { info: { version: string } };
  return Number(info.version.split('.')[0]);
}

function inRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
