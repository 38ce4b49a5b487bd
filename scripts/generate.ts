/**
 * Regenerates all of generated/. With --check it changes nothing and fails if a file is stale. TEST_DATABASE_URL is a
 * server on which to create a scratch database; by default a temporary server is started.
 */
import { findStale, generateFiles, writeFiles } from './generated-files.ts';

const FOLDER = new URL('../generated/', import.meta.url);

const files = await generateFiles(process.env['TEST_DATABASE_URL'] || undefined);
if (process.argv.includes('--check')) {
  const stale = await findStale(FOLDER, files);
  if (stale.length > 0) {
    process.stderr.write(
      `Stale: ${stale.map((name) => `generated/${name}`).join(', ')}. Run npm run generate and commit the result.\n`,
    );
    process.exitCode = 1;
  }
} else {
  await writeFiles(FOLDER, files);
}
