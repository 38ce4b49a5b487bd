/**
 * Rewrites all of generated/: types from openapi.yaml, and the schema of a freshly migrated database. With --check it
 * changes nothing and fails when a file there is stale.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { openEmbeddedPostgres } from '../src/store/embedded-postgres.ts';
import { connect } from '../src/store/knex.ts';
import { migrate } from '../src/store/migrate.ts';
import { dumpSchema } from './dump-schema.ts';

const ROOT = new URL('../', import.meta.url);
const FOLDER = new URL('generated/', ROOT);

async function generateTypes(): Promise<string> {
  const ast = await openapiTS(new URL('openapi.yaml', ROOT), { rootTypes: true, alphabetize: false });
  return `${COMMENT_HEADER}${astToString(ast)}`;
}

async function generateSchema(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-generate-'));
  const server = await openEmbeddedPostgres({ dataDir, isDurable: false });
  try {
    const db = connect(server.url, { poolMax: 2 });
    await migrate(db);
    const schema = await dumpSchema(db);
    await db.destroy();
    return schema;
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function findStale(files: Readonly<Record<string, string>>): Promise<string[]> {
  const present = await readdir(FOLDER).catch(() => []);
  const stale = present.filter((name) => !(name in files));
  for (const [name, content] of Object.entries(files)) {
    const current = await readFile(new URL(name, FOLDER), 'utf8').catch(() => undefined);
    if (current !== content) stale.push(name);
  }
  return stale;
}

async function main(): Promise<void> {
  const files = { 'openapi.d.ts': await generateTypes(), 'schema.sql': await generateSchema() };
  if (!process.argv.includes('--check')) {
    await mkdir(FOLDER, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(new URL(name, FOLDER), content);
    return;
  }
  const stale = await findStale(files);
  if (stale.length === 0) return;
  process.stderr.write(
    `Stale in generated/: ${stale.join(', ')}. Run npm run generate and commit the result.\n`,
  );
  process.exitCode = 1;
}

await main();
