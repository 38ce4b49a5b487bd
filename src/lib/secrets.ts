/**
 * Generated secrets, stored in DATA_DIR so that they survive a restart. For development and small deployments;
 * production configures its own secrets.
 */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from './terminal.ts';

/**
 * The mode of folders for data. If the gateway runs as root, the embedded PostgreSQL runs as another user. Only on Linux can
 * that user work in a folder whose path it cannot access (see embedded-postgres/binaries.ts), so elsewhere the folder must
 * be traversable.
 */
const PRIVATE_FOLDER = process.getuid?.() === 0 && process.platform !== 'linux' ? 0o711 : 0o700;

/**
 * The secret stored in `dataDir` under `name`; created from `bytes` random bytes, as base64, if there is none.
 * @throws UsageError when the file is empty, or belongs to another user, who could read and change it
 */
export function ensureSecret(dataDir: string, name: string, bytes: number): Promise<string> {
  return ensureMadeSecret(dataDir, name, () => randomBytes(bytes).toString('base64'));
}

/** As `ensureSecret`, for a secret that `make` makes. */
export async function ensureMadeSecret(dataDir: string, name: string, make: () => string): Promise<string> {
  await ensurePrivateFolder(dataDir);
  return inDataDir(dataDir, async () => {
    const file = join(dataDir, name);
    const known = await readSecret(file);
    if (known !== undefined) {
      return known;
    }
    await createSecret(file, make());
    // Read again, because another process may have created it first.
    return (await readSecret(file)) ?? '';
  });
}

/** The secret stored in `dataDir` under `name`, or undefined if there is none. @throws UsageError as `ensureSecret` */
export function findSecret(dataDir: string, name: string): Promise<string | undefined> {
  return inDataDir(dataDir, () => readSecret(join(dataDir, name)));
}

/**
 * Creates the data folder unless it exists, and makes it inaccessible to other users.
 * @throws UsageError when the folder belongs to another user or is shared by all users
 */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  const { mode, uid } = await inDataDir(folder, async () => {
    await createFolder(folder);
    return stat(folder);
  });
  requireOwner(folder, uid);
  if ((mode & 0o1000) !== 0) {
    throw new UsageError(
      `DATA_DIR (${folder}) is shared by all users: choose a folder for the gateway alone`,
    );
  }
  if (uid === process.getuid?.() && (mode & 0o777 & ~PRIVATE_FOLDER) !== 0) {
    await chmod(folder, PRIVATE_FOLDER);
  }
}

/**
 * Creates a folder and its missing parents. Node's own `recursive` never returns where a file system refuses a folder
 * with ENOENT although the parent exists, as /proc does.
 */
async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: PRIVATE_FOLDER });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) {
      return;
    }
    const parent = dirname(folder);
    if (code !== 'ENOENT' || (await isThere(parent))) {
      throw error;
    }
    await createFolder(parent);
    await createFolder(folder);
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Runs `work` on files. @throws UsageError that names DATA_DIR and the reason when the system refuses, as on a full disk */
async function inDataDir<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === undefined) {
      throw cause;
    }
    const problem =
      code === 'EACCES' || code === 'EPERM'
        ? 'belongs to another user: run as that user, choose another folder, or set DATABASE_URL'
        : `cannot be used as a folder for data: ${(cause as Error).message}`;
    throw new UsageError(`DATA_DIR (${dataDir}) ${problem}`, { cause });
  }
}

/** Files of root are accepted, because root can do anything this process can. Windows has no numeric owners. */
function requireOwner(path: string, uid: number): void {
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== 0) {
    throw new UsageError(
      `${path} belongs to another user (uid ${uid}): run as that user, choose another DATA_DIR, or change its owner`,
    );
  }
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file);
    try {
      const { mode, uid } = await handle.stat();
      requireOwner(file, uid);
      if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
        await handle.chmod(0o600);
      }
      const secret = (await handle.readFile('utf8')).trim();
      if (secret !== '') {
        return secret;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  throw new UsageError(
    `${file} is empty: restore the secret from a backup, or delete the file to create a new one`,
  );
}

/**
 * Writes to a temporary file and links it under its name once it is complete and on disk, so that a crash or a
 * concurrent reader never sees half a secret. If two processes create one at once, the first wins.
 */
async function createSecret(file: string, secret: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(secret);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, file);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') {
      throw error;
    }
  } finally {
    await rm(temporary, { force: true });
  }
}
