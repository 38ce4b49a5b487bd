/**
 * Generated secrets, stored in DATA_DIR so that they survive a restart. For development and small deployments;
 * production configures its own secrets.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The secret stored in `dataDir` under `name`; created from `bytes` random bytes, as base64, if there is none.
 * @throws when the file is empty or unreadable
 */
export async function ensureSecret(dataDir: string, name: string, bytes: number): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, name);
  const known = await readSecret(file);
  if (known !== undefined) {
    return known;
  }
  await createSecret(file, randomBytes(bytes).toString('base64'));
  // Read again, because another process may have created it first.
  return (await readSecret(file)) ?? '';
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(file, 'utf8')).trim();
    if (secret !== '') {
      return secret;
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  throw new Error(
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
