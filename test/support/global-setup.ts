/**
 * Once per test run: one throw-away PostgreSQL with a migrated template database, which every test file clones.
 * TEST_DATABASE_URL uses a server that is there already (its user must be able to create databases).
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { connect } from '../../src/store/knex.ts';
import { migrate } from '../../src/store/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseServerUrl: string;
    readonly templateDatabase: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer();
  const templateDatabase = `pgw_template_${randomBytes(6).toString('hex')}`;
  await withAdmin(server.url, (admin) => admin.raw(`create database ${templateDatabase}`));
  const template = connect(urlOf(server.url, templateDatabase), { poolMax: 2 });
  await migrate(template);
  await template.destroy();
  project.provide('databaseServerUrl', server.url);
  project.provide('templateDatabase', templateDatabase);
  return async () => {
    await withAdmin(server.url, (admin) =>
      admin.raw(`drop database if exists ${templateDatabase} with (force)`),
    );
    await server.stop();
  };
}

async function openServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env['TEST_DATABASE_URL'];
  if (url) return { url, stop: async () => undefined };
  const dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-test-'));
  const embedded = await openEmbeddedPostgres({ dataDir, isDurable: false });
  return {
    url: embedded.url,
    async stop() {
      await embedded.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function withAdmin(
  url: string,
  work: (admin: ReturnType<typeof connect>) => Promise<unknown>,
): Promise<void> {
  const admin = connect(url, { poolMax: 1 });
  await work(admin);
  await admin.destroy();
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
