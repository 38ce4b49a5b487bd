/**
 * The content of generated/: types from openapi.yaml, and the schema of a newly migrated database. Generated in memory;
 * generate.ts writes it or compares it with the files.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Knex } from 'knex';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { connect } from '../src/store/db/knex.ts';
import { migrate } from '../src/store/db/migrate.ts';
import { dumpSchema } from './dump-schema.ts';
import { openTemporaryPostgres } from './temporary-postgres.ts';

const CONTRACT = new URL('../openapi.yaml', import.meta.url);

/** The released contract is in the same folder, but is changed only by a release. */
const RELEASED = 'openapi.released.yaml';

/** Content by file name. */
export type Files = Readonly<Record<string, string>>;

/** @param serverUrl a server on which to create a scratch database; by default a temporary server is started */
export async function generateFiles(serverUrl?: string): Promise<Files> {
  return { 'openapi.d.ts': await generateTypes(), 'schema.sql': await generateSchema(serverUrl) };
}

/** The names of files in `folder` that are missing, different, or not in `files`. */
export async function findStale(folder: URL, files: Files): Promise<string[]> {
  const present = await readdir(folder).catch(() => []);
  const stale = present.filter((name) => !(name in files) && name !== RELEASED);
  for (const [name, content] of Object.entries(files)) {
    const current = await readFile(new URL(name, folder), 'utf8').catch(() => undefined);
    if (current !== content) {
      stale.push(name);
    }
  }
  return stale.sort();
}

/** Writes these files to `folder` and removes all others. */
export async function writeFiles(folder: URL, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await findStale(folder, files)) {
    const content = files[name];
    if (content === undefined) {
      await rm(new URL(name, folder), { recursive: true });
    } else {
      await writeFile(new URL(name, folder), content);
    }
  }
}

async function generateTypes(): Promise<string> {
  const ast = await openapiTS(CONTRACT, {
    rootTypes: true,
    alphabetize: false,
    // A field with a default may be omitted in a request.
    defaultNonNullable: false,
  });
  return `${COMMENT_HEADER}${astToString(ast)}`;
}

async function generateSchema(serverUrl: string | undefined): Promise<string> {
  if (serverUrl !== undefined) {
    return withScratchDatabase(serverUrl, dumpMigrated);
  }
  const server = await openTemporaryPostgres();
  try {
    return await withPool(server.url, dumpMigrated);
  } finally {
    await server.remove();
  }
}

async function dumpMigrated(db: Knex): Promise<string> {
  await migrate(db);
  return dumpSchema(db);
}

async function withScratchDatabase<T>(serverUrl: string, work: (db: Knex) => Promise<T>): Promise<T> {
  const name = `pgw_generate_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return withPool(serverUrl, async (admin) => {
    await admin.raw(`create database ${name} template template0`);
    try {
      return await withPool(url.href, work);
    } finally {
      await admin.raw(`drop database if exists ${name} with (force)`);
    }
  });
}

async function withPool<T>(url: string, work: (pool: Knex) => Promise<T>): Promise<T> {
  const pool = connect(url, { poolMax: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.destroy();
  }
}
