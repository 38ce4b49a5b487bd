/**
 * Once per test run: one temporary PostgreSQL with a migrated template database, which every test file clones.
 * TEST_DATABASE_URL names a running server to use instead; its user must be able to create databases.
 */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { TestProject } from 'vitest/node';
import { openTemporaryPostgres } from '../../scripts/temporary-postgres.ts';
import { connect } from '../../src/store/db/knex.ts';
import { migrate } from '../../src/store/db/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseServerUrl: string;
    readonly templateDatabase: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? { url: given, remove: async () => undefined } : await openTemporaryPostgres();
  const templateDatabase = `pgw_template_${randomBytes(6).toString('hex')}`;
  const dropTemplate = () =>
    withPool(server.url, (admin) => admin.raw(`drop database if exists ${templateDatabase} with (force)`));
  try {
    await withPool(server.url, (admin) => admin.raw(`create database ${templateDatabase}`));
    await withPool(urlOf(server.url, templateDatabase), migrate);
  } catch (error) {
    await dropTemplate().catch(() => undefined);
    await server.remove();
    throw error;
  }
  project.provide('databaseServerUrl', server.url);
  project.provide('templateDatabase', templateDatabase);
  return async () => {
    if (given) {
      await dropTemplate();
    }
    await server.remove();
  };
}

async function withPool(url: string, work: (pool: Knex) => Promise<unknown>): Promise<void> {
  const pool = connect(url, { poolMax: 1 });
  try {
    await work(pool);
  } finally {
    await pool.destroy();
  }
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
