/**
 * A PostgreSQL for the length of one run: the generator's and the tests'. In a temporary folder, without safety on disk, gone
 * at the end.
 */
import { rm } from 'node:fs/promises';
import { openEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { makeTemporaryFolder, removeDeadRuns } from '../src/embedded-postgres/temporary-folder.ts';

export interface TemporaryPostgres {
  readonly url: string;
  remove(): Promise<void>;
}

/** Starts an empty server, after cleaning up behind runs that were killed. */
export async function openTemporaryPostgres(): Promise<TemporaryPostgres> {
  await removeDeadRuns();
  const dataDir = await makeTemporaryFolder();
  const server = await openEmbeddedPostgres({ dataDir, isDurable: false });
  return {
    url: server.url,
    async remove() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
