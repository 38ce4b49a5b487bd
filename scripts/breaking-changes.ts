/**
 * Which changes between two versions of the contract break clients. The comparison is made by oasdiff, which Go compiles
 * once into node_modules/.cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const VERSION = 'v1.36.0';
const CACHE = fileURLToPath(new URL(`../node_modules/.cache/oasdiff-${VERSION}`, import.meta.url));
const OASDIFF = join(CACHE, 'oasdiff');
const SEVERITIES = join(CACHE, 'severities.txt');

/**
 * Changes that oasdiff reports only as information, but that break clients: programs that read a field or header, rely on a
 * default, or distinguish a status behave differently; generated clients lose a method, class, type or constant.
 */
const RAISED = [
  ...['response-optional-property-removed', 'optional-response-header-removed'],
  ...['response-non-success-status-removed', 'api-security-component-removed', 'api-version-decreased'],
  ...['api-operation-id-removed', 'api-tag-removed', 'api-schema-removed'],
  ...['response-property-enum-value-removed', 'response-mediatype-enum-value-removed'],
  ...['request-parameter', 'request-property', 'request-body'].flatMap((place) =>
    ['added', 'changed', 'removed'].map((change) => `${place}-default-value-${change}`),
  ),
];
/** Their names are types of generated clients as well, but oasdiff compares only those of schemas. */
const NAMED_COMPONENTS = ['parameters', 'responses', 'headers', 'securitySchemes'];

interface Contract {
  readonly info: { readonly version: string };
  readonly components: Readonly<Record<string, object | undefined>>;
}

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
  writeFileSync(SEVERITIES, RAISED.map((change) => `${change} err\n`).join(''));
  const options = ['--fail-on', 'WARN', '--severity-levels', SEVERITIES, '--flatten-allof'];
  const { status, stdout, stderr } = spawnSync(
    OASDIFF,
    ['breaking', released, current, ...options, '--format', 'singleline'],
    {
      encoding: 'utf8',
    },
  );
  const [old, now] = [read(released), read(current)];
  const removed = removedComponents(old, now);
  if (status === 0 && removed.length === 0) {
    return { isAllowed: true, report: 'The contract has no breaking changes.' };
  }
  // A failure of the tool lists no changes.
  if (status !== 0 && !/^\d+ changes?:/m.test(stdout)) {
    throw new Error(`oasdiff could not compare: ${stderr}`);
  }
  const isAllowed = majorOf(now) > majorOf(old);
  const advice = isAllowed
    ? `These changes break clients; info.version has a new major number (${majorOf(old)} → ${majorOf(now)}).`
    : 'These changes break clients. Undo them, or give info.version a new major number.';
  return { isAllowed, report: [...(status === 0 ? [] : [stdout.trim()]), ...removed, advice].join('\n') };
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

function removedComponents({ components: old }: Contract, { components: now }: Contract): string[] {
  return NAMED_COMPONENTS.flatMap((kind) =>
    Object.keys(old[kind] ?? {})
      .filter((name) => !(name in (now[kind] ?? {})))
      .map((name) => `error, in components/${kind} removed \`${name}\``),
  );
}

function read(path: string): Contract {
  return parse(readFileSync(path, 'utf8')) as Contract;
}

function majorOf({ info }: Contract): number {
  return Number(info.version.split('.')[0]);
}
