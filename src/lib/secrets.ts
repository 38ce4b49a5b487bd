/**
 * Secrets that are not configured: made once, kept in DATA_DIR, the same after a restart. For development and small
 * installations; production configures its own.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The secret kept in `dataDir` under `name`; made from `bytes` random bytes, as base64, when there is none. */
export async function ensureSecret(dataDir: string, name: string, bytes: number): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, name);
  const known = await readSecret(file);
  if (known !== undefined) {
    return known;
  }
  await makeSecret(file, randomBytes(bytes).toString('base64'));
  // Not what was made here when another process was faster.
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
  throw new Error(`${file} is empty: put the secret back from a backup, or delete the file for a new one`);
}

/**
 * Written aside and linked when it is whole and on the disk: a kill, a power cut or a reader in between never sees half of
 * it, and of two that are made at once the first stays.
 */
async function makeSecret(file: string, secret: string): Promise<void> {
  const making = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(making, 'wx', 0o600);
    try {
      await handle.writeFile(secret);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(making, file);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') {
      throw error;
    }
  } finally {
    await rm(making, { force: true });
  }
}
