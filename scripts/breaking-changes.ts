/**
 * Which changes between two versions of the contract break clients. The comparison is made by oasdiff, which Go compiles
 * once into node_modules/.cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const VERSION = 'v1.36.0';
const CACHE = fileURLToPath(new URL(`../node_modules/.cache/oasdiff-${VERSION}`, import.meta.url));
const OASDIFF = join(CACHE, 'oasdiff');

export interface BreakingChanges {
  /** False when clients break although the major number of info.version is the same. */
  readonly isAllowed: boolean;
  readonly report: string;
}

/** Whether there is the Go that oasdiff needs. */
export function hasGo(): boolean {
  return spawnSync('go', ['version']).status === 0;
}

/**
 * @param released and `current` are files
 * @throws Error when the two cannot be compared
 */
export function findBreakingChanges(released: string, current: string): BreakingChanges {
  compileOasdiff();
  const options = ['--fail-on', 'ERR', '--flatten-allof', '--format', 'singleline'];
  const { status, stdout, stderr } = spawnSync(OASDIFF, ['breaking', released, current, ...options], {
    encoding: 'utf8',
  });
  if (status === 0) {
    return { isAllowed: true, report: 'The contract has no breaking changes.' };
  }
  // A failure of the tool lists no changes.
  if (!/^\d+ changes?:/m.test(stdout)) {
    throw new Error(`oasdiff could not compare: ${stderr}`);
  }
  const [before, now] = [majorOf(released), majorOf(current)];
  const isAllowed = now > before;
  const advice = isAllowed
    ? `These changes break clients; info.version has a new major number (${before} → ${now}).`
    : 'These changes break clients. Undo them, or give info.version a new major number.';
  return { isAllowed, report: `${stdout.trim()}\n${advice}` };
}

function compileOasdiff(): void {
  if (existsSync(OASDIFF)) {
    return;
  }
  const { status, stderr } = spawnSync('go', ['install', `github.com/oasdiff/oasdiff@${VERSION}`], {
    encoding: 'utf8',
    env: { ...process.env, GOBIN: CACHE },
  });
  if (status !== 0) {
    throw new Error(`oasdiff could not be compiled: ${stderr}`);
  }
}

function majorOf(path: string): number {
  const { info } = parse(readFileSync(path, 'utf8')) as { info: { version: string } };
  return Number(info.version.split('.')[0]);
}
