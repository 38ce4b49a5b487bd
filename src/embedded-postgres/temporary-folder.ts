/**
 * Folders for an embedded PostgreSQL that is gone at the end of the run: of the tests, of the generator, of a sandbox in
 * CI. A run that is killed cannot clean up, so the next one does.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopEmbeddedPostgres } from './embedded-postgres.ts';

/** The host is part of the name because a pid means nothing on another one, and containers may share a folder. */
const PREFIX = `mpac-pgw-throw-away-${hostname()}-`;

/** A temporary folder that, with a server that runs on it, the next run removes if this one cannot. */
export function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Cleans up behind runs that were killed. */
export async function removeDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) {
      continue;
    }
    const folder = join(tmpdir(), name);
    // Two runs may clean up at once: what is gone is gone.
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
