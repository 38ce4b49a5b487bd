import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDatabaseUnavailable } from '../../../src/store/db/errors.ts';
import { connect } from '../../../src/store/db/knex.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const HOSTILE = {
  timezone: 'America/New_York',
  datestyle: 'SQL, DMY',
  intervalstyle: 'iso_8601',
  standard_conforming_strings: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  client_encoding: 'LATIN1',
  statement_timeout: '1ms',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

describe('a new connection', () => {
  it('has the settings that the code relies on, whatever the database has as defaults', async () => {
    const name = new URL(database.url).pathname.slice(1);
    for (const [setting, value] of Object.entries(HOSTILE)) {
      await database.db.raw(`alter database ${name} set ${setting} = '${value}'`);
    }
    const pool = database.connect(1);
    const shown: Record<string, string> = {};
    for (const setting of Object.keys(HOSTILE)) {
      const { rows } = await pool.raw(`show ${setting}`);
      shown[setting] = rows[0][Object.keys(rows[0])[0] ?? ''];
    }
    const { rows } = await pool.raw(
      `select timestamptz '2026-02-03 04:05:06.789+09' as at, 'a\\b𠮷' as text`,
    );
    await pool.destroy();
    expect(shown).toEqual({
      timezone: 'UTC',
      datestyle: 'ISO, YMD',
      intervalstyle: 'postgres',
      standard_conforming_strings: 'on',
      default_transaction_isolation: 'read committed',
      default_transaction_deferrable: 'off',
      client_encoding: 'UTF8',
      statement_timeout: '15s',
      lock_timeout: '5s',
      idle_in_transaction_session_timeout: '10s',
    });
    expect(rows).toEqual([{ at: new Date('2026-02-02T19:05:06.789Z'), text: 'a\\b𠮷' }]);
  });

  it('whose settings cannot be applied is closed and not kept', async () => {
    const [one, two] = [database.connect(1), database.connect(1)];
    const count = async () => {
      const { rows } = await two.raw(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'mpac-pgw'`,
      );
      return rows[0].n;
    };
    const before = await count();
    const connector = one.client;
    const open = connector._acquireOnlyConnection.bind(connector);
    connector._acquireOnlyConnection = async () => {
      const connection = await open();
      connection.query = async () => {
        throw new Error('no settings today');
      };
      return connection;
    };
    await expect(one.raw('select 1')).rejects.toThrow('could not connect to the database: no settings today');
    await expect.poll(count).toBe(before);
    await Promise.all([one.destroy(), two.destroy()]);
  });

  it('to a server that accepts it and never answers fails as unavailable', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pool = connect(`postgres://pgw:x@127.0.0.1:${port}/pgw`, { poolMax: 1 });
    const fault = await pool.raw('select 1').catch((error: unknown) => error);
    expect(isDatabaseUnavailable(fault), String(fault)).toBe(true);
    await pool.destroy();
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
});
