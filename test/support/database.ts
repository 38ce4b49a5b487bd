/**
 * A database for one test file: a clone of the migrated template.
 */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { inject } from 'vitest';
import { connect } from '../../src/store/db/knex.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Knex;
  /** Another pool on the same database, to be destroyed by the caller. */
  connect(poolMax?: number): Knex;
  drop(): Promise<void>;
}

/** Clones the template; call it in beforeAll and `drop` in afterAll. */
export async function createTestDatabase(poolMax = 10): Promise<TestDatabase> {
  const serverUrl = inject('databaseServerUrl');
  const name = `pgw_test_${randomBytes(6).toString('hex')}`;
  await withAdmin(serverUrl, async (admin) => {
    // Cloning locks the template, so concurrent test files take turns. Closing the connection releases the lock.
    await admin.raw('select pg_advisory_lock(1)');
    await admin.raw(`create database ${name} template ${inject('templateDatabase')}`);
  });
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = connect(url.href, { poolMax });
  return {
    url: url.href,
    db,
    connect: (max = 5) => connect(url.href, { poolMax: max }),
    async drop() {
      await db.destroy();
      await withAdmin(serverUrl, (admin) => admin.raw(`drop database if exists ${name} with (force)`));
    },
  };
}

async function withAdmin(url: string, work: (admin: Knex) => Promise<unknown>): Promise<void> {
  const admin = connect(url, { poolMax: 1, responseTimeoutMs: 65_000 });
  try {
    await admin.raw("set lock_timeout = 0; set statement_timeout = '60s'");
    await work(admin);
  } finally {
    await admin.destroy();
  }
}
