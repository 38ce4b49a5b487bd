/**
 * Temporary folders for an embedded PostgreSQL that lasts for one run: of the tests, the generator or a sandbox in
 * CI. A run that is killed cannot clean up, so the next run does.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopEmbeddedPostgres } from './embedded-postgres.ts';

/** Includes the host name, because containers may share a folder and a pid is valid only on its own host. */
const PREFIX = `mpac-pgw-temporary-${hostname()}-`;

/** A temporary folder. If this run cannot remove it, the next one does, and stops the server on it. */
export function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Removes the folders of killed runs, and stops their servers. */
export async function removeDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) {
      continue;
    }
    const folder = join(tmpdir(), name);
    // Another run may be cleaning up at the same time.
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined || found.uid !== process.getuid?.()) {
      continue;
    }
    await stopEmbeddedPostgres(folder).catch(() => undefined);
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH';
  }
}
