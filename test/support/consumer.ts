/**
 * A merchant's project with this package or the client's own installed, as by `npm install`: packed, unpacked, its commands
 * linked. Its dependencies are links to this project's, so that no registry is needed.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAME = 'mpac-pgw';
const CLIENT_NAME = 'mpac-pgw-client';

export interface Consumer {
  readonly folder: string;
  /** Writes a file of the project, and creates its folders. */
  write(path: string, text: string): void;
  remove(): void;
}

/**
 * @param packages which of this project's packages are installed there too; all if absent
 * @param manifest further fields of its package.json
 */
export function createConsumer(packages?: readonly string[], manifest: object = {}): Consumer {
  const installed = packages ?? readdirSync(join(ROOT, 'node_modules')).filter((name) => !/^\./.test(name));
  const consumer = createProject(NAME, packGateway(), installed, manifest);
  linkCommands(join(consumer.folder, 'node_modules'), packages === undefined);
  return consumer;
}

/** A project with the client's own package, what that depends on, and the types of Node. */
export function createClientConsumer(): Consumer {
  const dependencies = ['openapi-fetch', 'openapi-typescript-helpers'];
  return createProject(CLIENT_NAME, packClient(), [...dependencies, '@types/node', 'undici-types'], {});
}

function createProject(
  name: string,
  tarball: string,
  installed: readonly string[],
  manifest: object,
): Consumer {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mpac-pgw-consumer-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  execFileSync('tar', ['xf', tarball], { cwd: folder });
  renameSync(join(folder, 'package'), join(modules, name));
  for (const other of installed) {
    mkdirSync(dirname(join(modules, other)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', other), join(modules, other));
  }
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', JSON.stringify({ type: 'module', ...manifest }));
  return { folder, write, remove: () => rmSync(folder, { recursive: true }) };
}

const packGateway = once(() => pack(['pack', '--ignore-scripts', '--silent', '--pack-destination'], [ROOT]));
const packClient = once(() =>
  pack(['run', '--silent', '--prefix', ROOT, 'pack:client', '--', '--pack-destination'], []),
);

/** Runs npm with a new folder between the arguments. @returns the file that npm has made in it, and named */
function pack(before: readonly string[], after: readonly string[]): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mpac-pgw-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const name = execFileSync('npm', [...before, folder, ...after], { encoding: 'utf8' });
  return join(folder, name.trim());
}

/** Calls the function once for all files that this process tests. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** npm makes what a package calls a command executable, and links it. */
function linkCommands(modules: string, isWithOthers: boolean): void {
  const { bin } = JSON.parse(readFileSync(join(modules, NAME, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  for (const [command, file] of Object.entries(bin)) {
    chmodSync(join(modules, NAME, file), 0o755);
    symlinkSync(join(modules, NAME, file), join(modules, '.bin', command));
  }
  if (!isWithOthers) {
    return;
  }
  for (const command of readdirSync(join(ROOT, 'node_modules/.bin')).filter((name) => !(name in bin))) {
    symlinkSync(join(ROOT, 'node_modules/.bin', command), join(modules, '.bin', command));
  }
}
