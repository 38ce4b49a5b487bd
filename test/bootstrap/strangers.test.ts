/**
 * The built program with a small heap, and large bodies that must not crash it, whoever sends them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Program, startProgram, waitForHealth } from '../support/program.ts';

const BODY_BYTES = 16 * 1024 * 1024;
const SYNC = '/v1/sync/merchants';
const SHAPES = [
  ['many empty objects', '{},'],
  ['deep lists', '['],
  ['many texts', '"x",'],
] as const;

let database: TestDatabase;
let dataDir: string;
let program: Program;
let port: number;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-strangers-'));
  port = await findFreePort();
  program = startProgram(['start'], {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    SANDBOX_PORT: '0',
    LOG_LEVEL: 'fatal',
    NODE_OPTIONS: '--max-old-space-size=512',
  });
  await waitForHealth(program, port);
});
afterAll(async () => {
  await program.stop();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** The status; undefined when the connection was closed while the body was still being sent. */
function send(body: string, authorization?: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const outgoing = request({ port, path: SYNC, method: 'POST', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.setHeader('Content-Length', body.length);
    if (authorization !== undefined) {
      outgoing.setHeader('Authorization', authorization);
    }
    outgoing.on('error', () => resolve(undefined));
    outgoing.end(body);
  });
}

async function isServing(): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
}

it.each(SHAPES)('keeps serving when strangers send six bodies of 16 MB at once: %s', async (_, item) => {
  const body = `[${item.repeat(BODY_BYTES / item.length - 1)}`;
  const sent = Promise.all(Array.from({ length: 6 }, () => send(body)));
  expect(await isServing()).toBe(true);
  expect((await sent).every((status) => status === 401 || status === undefined)).toBe(true);
  expect(await isServing()).toBe(true);
});

it('keeps serving when somebody who knows only an API key, without its secret, sends six bodies of 16 MB at once', async () => {
  const { key } = await createApiKey({ db: database.db, clock: systemClock }, BY_TEST, undefined);
  const body = `[${'{},'.repeat(BODY_BYTES / 3 - 1)}`;
  const wrong = authorizationHeader(
    { apiKey: key.apiKey, secretKey: 'wrong' },
    { method: 'POST', path: SYNC, body },
    systemClock.now(),
  );
  const statuses = await Promise.all(Array.from({ length: 6 }, () => send(body, wrong)));
  expect(statuses.every((status) => [401, 503, undefined].includes(status))).toBe(true);
  expect(statuses).toContain(401);
  expect(await isServing()).toBe(true);
});
