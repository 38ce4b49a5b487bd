/**
 * Secrets that are not configured: made once, kept in DATA_DIR, the same after a restart. For development and small
 * installations; production configures its own.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secret kept in `dataDir` under `name`; made from `bytes` random bytes, as base64, when there is none. */
export async function ensureSecret(dataDir: string, name: string, bytes: number): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, name);
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(randomBytes(bytes).toString('base64'));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
