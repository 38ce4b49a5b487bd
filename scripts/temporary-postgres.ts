/**
 * A temporary PostgreSQL for one run of the generator or the tests: in a temporary folder, without durability, deleted
 * at the end.
 */
import { rm } from 'node:fs/promises';
import { openEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { makeTemporaryFolder, removeDeadRuns } from '../src/embedded-postgres/temporary-folder.ts';

export interface TemporaryPostgres {
  readonly url: string;
  remove(): Promise<void>;
}

/** Starts an empty server, after deleting what killed runs have left behind. */
export async function openTemporaryPostgres(): Promise<TemporaryPostgres> {
  await removeDeadRuns();
  const dataDir = await makeTemporaryFolder();
  const server = await openEmbeddedPostgres({ dataDir, isDurable: false });
  return {
    url: server.adminUrl,
    async remove() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
