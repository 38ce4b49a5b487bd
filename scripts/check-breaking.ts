/**
 * Compares openapi.yaml with the last released contract, generated/openapi.released.yaml, and fails on a change that
 * breaks clients unless info.version has a new major number. oasdiff compares; it needs Go, and where there is none
 * the check says so and passes. With --release the present contract becomes the released one.
 *
 * `check-breaking [--release] [released] [present]`
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const OASDIFF = 'github.com/oasdiff/oasdiff@v1.36.0';
const [released = inRoot('generated/openapi.released.yaml'), present = inRoot('openapi.yaml')] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--release');

if (process.argv.includes('--release')) {
  copyFileSync(present, released);
}
process.exitCode = check();

/** @returns the exit code */
function check(): number {
  if (spawnSync('go', ['version']).status !== 0) {
    say('skipped: breaking changes of the contract (oasdiff needs Go, which is not installed)');
    return 0;
  }
  const options = [
    'breaking',
    released,
    present,
    '--fail-on',
    'ERR',
    '--flatten-allof',
    '--format',
    'singleline',
  ];
  const { status, stdout, stderr } = spawnSync('go', ['run', OASDIFF, ...options], { encoding: 'utf8' });
  if (status === 0) {
    say('No change of the contract breaks its clients.');
    return 0;
  }
  // What is not its verdict on changes is a failure of the tool, which `go run` reports by the same exit code.
  if (!/^\d+ changes?:/m.test(stdout)) {
    throw new Error(`oasdiff could not compare: ${stderr}`);
  }
  say(stdout.trim());
  return compare(majorOf(released), majorOf(present));
}

function compare(before: number, now: number): number {
  if (now > before) {
    say(`These changes break clients; info.version has a new major number (${before} → ${now}).`);
    return 0;
  }
  say('These changes break clients. Undo them, or give info.version a new major number.');
  return 1;
}

function majorOf(path: string): number {
  const { info } = parse(readFileSync(path, 'utf8')) as { info: { version: string } };
  return Number(info.version.split('.')[0]);
}

function inRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
