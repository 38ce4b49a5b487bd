/**
 * The command line where the gateway has never run: commands that read create nothing, and say in one line what to set.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../src/store/db/knex.ts';
import { startProgram, waitFor } from '../support/program.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mpac-pgw-no-database-'));
  await writeFile(join(folder, 'file'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function pgw(command: string, env: Record<string, string>): Promise<string> {
  const program = startProgram(command.split(' '), env);
  expect(await program.ended).toBe(1);
  const output = program.output().trim();
  expect(output.split('\n')).toHaveLength(1);
  return output;
}

it('pgw --version prints the version of the package', async () => {
  const program = startProgram(['--version']);
  expect(await program.ended).toBe(0);
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(program.output()).toBe(`${version}\n`);
});

it('pgw listen reads the secret of webhooks from a file or from standard input', async () => {
  const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  const file = join(folder, 'file');
  await writeFile(file, `${secret}\n`);
  const env = { PGW_API_KEY: 'ak_1', PGW_SECRET_KEY: 'sk_1' };
  const args = [
    'listen',
    '--forward-to',
    'http://127.0.0.1:1/',
    '--url',
    'http://127.0.0.1:1',
    '--secret-file',
  ];
  for (const from of [file, '-']) {
    const program = startProgram([...args, from], env);
    program.child.stdin?.end(secret);
    await waitFor(program, () => program.output().includes(`signed with this secret:\n${secret}\n`));
    await program.stop('SIGKILL');
  }
});

describe('without a database', () => {
  it.each([
    'keys list',
    'intents show pi_x',
    'money check',
    'limits list',
    'merchants history merchant_001',
    'merchants logos',
    'webhooks list',
    'endpoints list',
    'keys revoke ak_x',
    'demo',
  ])('%s creates none and names DATA_DIR', async (command) => {
    const output = await pgw(command, { DATA_DIR: join(folder, 'absent') });
    expect(output).toMatch(/^pgw: DATA_DIR \(.*absent\) has no database: start the gateway first, or set /);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('keys list leaves an empty database at DATABASE_URL empty', async () => {
    const server = connect(inject('databaseServerUrl'), { poolMax: 1 });
    const name = `pgw_empty_${process.pid}`;
    await server.raw(`create database ${name} encoding 'UTF8' template template0`);
    const url = new URL(inject('databaseServerUrl'));
    url.pathname = `/${name}`;
    const output = await pgw('keys list', { DATABASE_URL: url.href, DATA_DIR: folder });
    expect(output).toMatch(/^pgw: DATABASE_URL leads to a database .*not migrated.*run pgw migrate$/);
    const db = connect(url.href, { poolMax: 1 });
    const { rows } = await db.raw("select 1 from pg_tables where schemaname = 'public'");
    expect(rows).toEqual([]);
    await db.destroy();
    await server.raw(`drop database ${name} with (force)`);
    await server.destroy();
  });
});

describe('a DATA_DIR that cannot be used', () => {
  it.each(['file', 'file/below'])('%s is refused in one line by its name', async (name) => {
    const output = await pgw('migrate', { DATA_DIR: join(folder, name) });
    expect(output).toMatch(/^pgw: DATA_DIR \(.*\) cannot be used as a folder for data: E/);
  });

  it.runIf(existsSync('/proc/self'))('a path that cannot exist ends the start in one line', async () => {
    const output = await pgw('migrate', { DATA_DIR: '/proc/absent/data' });
    expect(output).toMatch(/^pgw: DATA_DIR \(.*\) cannot be used as a folder for data: ENOENT/);
  });
});

describe('a DATABASE_URL that cannot be used', () => {
  it.each([
    'postgres://pgw:a-secret@127.0.0.1:99999/pgw',
    'postgres://pgw:a-secret%zz@127.0.0.1:1/pgw',
    'postgres://pgw:a-secret@127.0.0.1:1/pgw?sslmode=verify-full&sslrootcert=/nowhere',
    'postgres://pgw:a-secret@nowhere.invalid/pgw',
  ])('%s is refused in one line by its name, without the password', async (url) => {
    const output = await pgw('keys list', { DATABASE_URL: url, DATA_DIR: folder });
    expect(output).toMatch(/^pgw: DATABASE_URL /);
    expect(output).not.toContain('a-secret');
  });
});
