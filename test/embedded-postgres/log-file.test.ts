import { appendFile, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type EmbeddedPostgres,
  openEmbeddedPostgres,
} from '../../src/embedded-postgres/embedded-postgres.ts';
import { makeTemporaryFolder } from '../../src/embedded-postgres/temporary-folder.ts';
import { eventually } from '../support/eventually.ts';

let dataDir: string;
let log: string;
let server: EmbeddedPostgres;

const open = (logCheckMs?: number) =>
  openEmbeddedPostgres({ dataDir, isDurable: false, ...(logCheckMs !== undefined && { logCheckMs }) });

beforeAll(async () => {
  dataDir = await makeTemporaryFolder();
  log = join(dataDir, 'postgres', 'server.log');
  server = await open();
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const fill = (end: string) => appendFile(log, `${'x'.repeat(10_000_000)}${end}`);
const sizeOf = async (file: string) => (await stat(file)).size;

/** Lets the server write a line. */
async function makeServerLog(line: string): Promise<void> {
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`do $$ begin raise log '${line}'; end $$`);
  await client.end();
}

it('empties the log of a running server that has become too large, and keeps its end', async () => {
  await fill('the end\n');
  const joined = await open();
  expect(await sizeOf(log)).toBeLessThan(100_000);
  const kept = await readFile(`${log}.1`, 'utf8');
  expect([kept.length, kept.endsWith('the end\n')]).toEqual([1_000_000, true]);
  await makeServerLog('written afterwards');
  await eventually(async () => expect(await readFile(log, 'utf8')).toContain('written afterwards'));
  expect(await sizeOf(log)).toBeLessThan(100_000);
  await joined.stop({ ifUnused: true });
});

it('does so while a process uses the server, as long as it runs', async () => {
  const watching = await open(20);
  await fill('again\n');
  await eventually(async () => expect(await sizeOf(log)).toBeLessThan(100_000));
  expect((await readFile(`${log}.1`, 'utf8')).endsWith('again\n')).toBe(true);
  await watching.stop({ ifUnused: true });
});

it('leaves a small log alone', async () => {
  await appendFile(log, 'small\n');
  const joined = await open();
  expect(await readFile(log, 'utf8')).toContain('small\n');
  await joined.stop({ ifUnused: true });
});
