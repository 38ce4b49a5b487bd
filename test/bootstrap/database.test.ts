/**
 * Databases that the start refuses, each in one line that names the variable.
 */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase, withDatabase } from '../../src/bootstrap/database.ts';
import { type Config, ConfigError, loadConfig } from '../../src/config.ts';
import { connect } from '../../src/store/db/knex.ts';
import { problemOf } from '../../src/store/db/server-check.ts';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { isInstalled } from '../support/redis.ts';

const serverUrl = inject('databaseServerUrl');
const name = `pgw_check_${randomBytes(6).toString('hex')}`;
let admin: Knex;

beforeAll(async () => {
  admin = connect(serverUrl, { poolMax: 1 });
  await admin.raw(`create database ${name}_utf8 encoding 'UTF8' template template0`);
  await admin.raw(
    `create database ${name}_euc encoding 'EUC_JP' template template0 lc_collate 'C' lc_ctype 'C'`,
  );
  await admin.raw(
    `create database ${name}_ascii encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'`,
  );
  await admin.raw(`create database ${name}_standby template template0`);
  await admin.raw(`alter database ${name}_standby set default_transaction_read_only = on`);
});
afterAll(async () => {
  for (const kind of ['utf8', 'euc', 'ascii', 'standby']) {
    await admin.raw(`drop database if exists ${name}_${kind} with (force)`);
  }
  await admin.destroy();
});

function urlWith(change: (url: URL) => void): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}_utf8`;
  change(url);
  return url.href;
}

function configOf(url: string): Config {
  return loadConfig({ DATABASE_URL: url });
}

describe('a database that can be used', () => {
  it('is opened', async () => {
    const url = urlWith(() => undefined);
    expect(await openDatabase(configOf(url))).toMatchObject({ url, isEmbedded: false });
  });
});

describe('a command', () => {
  it('gets the names of the migrations that were missing', async () => {
    const run = () => withDatabase(configOf(urlWith(() => undefined)), async (_, applied) => applied);
    const applied = await run();
    expect(applied[0]).toBe('0001_create_merchants');
    expect(await run()).toEqual([]);
  });
});

describe('a database that cannot be used is refused in one line: one', () => {
  it.each<[string, RegExp, (url: URL) => void]>([
    [
      'whose server does not run',
      /no usable PostgreSQL: .*ECONNREFUSED/,
      (url) => Object.assign(url, { port: '1' }),
    ],
    [
      'whose host does not exist',
      /no usable PostgreSQL: .*(ENOTFOUND|EAI_AGAIN)/,
      (url) => Object.assign(url, { host: 'nowhere.invalid:5432' }),
    ],
    [
      'with a wrong password',
      /is refused by the server: password authentication failed/,
      (url) => Object.assign(url, { password: 'canary-of-a-password' }),
    ],
    [
      'that does not exist',
      /without that database: database "no_such_database" does not exist/,
      (url) => Object.assign(url, { pathname: '/no_such_database' }),
    ],
    ['in EUC_JP', /encoding EUC_JP: .*UTF8/, (url) => Object.assign(url, { pathname: `/${name}_euc` })],
    [
      'in SQL_ASCII',
      /encoding SQL_ASCII: .*UTF8/,
      (url) => Object.assign(url, { pathname: `/${name}_ascii` }),
    ],
    ['that is read-only', /accepts no writes/, (url) => Object.assign(url, { pathname: `/${name}_standby` })],
  ])('%s', async (_, reason, change) => {
    const refused = await openDatabase(configOf(urlWith(change))).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    const { message } = refused as ConfigError;
    expect(message).toMatch(/^DATABASE_URL /);
    expect(message).toMatch(reason);
    expect(message).not.toContain('\n');
    expect(message).not.toContain('canary');
  });

  it('of an older server', () => {
    const facts = { version: 140_011, encoding: 'UTF8', acceptsWrites: true };
    expect(problemOf(facts)).toMatch(/PostgreSQL 14: .* version 15 or newer/);
    expect(problemOf({ ...facts, version: 150_000 })).toBeUndefined();
  });
});

const hasPgBouncer = isInstalled('pgbouncer', '--version');

describe.skipIf(!hasPgBouncer)('behind PgBouncer (needs pgbouncer)', () => {
  let pooler: PgBouncer | undefined;
  const through = async (mode: 'session' | 'transaction' | 'statement') => {
    await pooler?.stop();
    pooler = await startPgBouncer(
      urlWith(() => undefined),
      mode,
    );
    return pooler.url;
  };
  afterAll(() => pooler?.stop());

  it('a database is used in session mode, with the time limits and settings of its connections', async () => {
    const url = await through('session');
    await openDatabase(configOf(url));
    const pool = connect(url, { poolMax: 1 });
    const { rows } = await pool.raw(
      `select current_setting('statement_timeout') as a, current_setting('timezone') as b`,
    );
    await pool.destroy();
    expect(rows).toEqual([{ a: '15s', b: 'UTC' }]);
  });

  it.each(['transaction', 'statement'] as const)('a database is refused in %s mode', async (mode) => {
    const url = await through(mode);
    await expect(openDatabase(configOf(url))).rejects.toThrow(
      /^DATABASE_URL .*(transaction mode|statement pooling)/,
    );
  });
});
