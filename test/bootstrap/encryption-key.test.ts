/**
 * The built program with right, wrong and rotated encryption keys.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startProgram, waitFor } from '../support/program.ts';

const [FIRST, SECOND, WRONG] = [1, 2, 3].map(() => randomBytes(32).toString('base64')) as [
  string,
  string,
  string,
];

let database: TestDatabase;
let dataDir: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-keys-'));
  const [port, sandboxPort] = [await findFreePort(), await findFreePort()];
  env = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
  };
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function pgw(args: string, keys: Record<string, string>): Promise<{ code: unknown; output: string }> {
  const program = startProgram(args.split(' '), { ...env, ...keys });
  return { code: await program.ended, output: program.output().trim() };
}

/** Starts the gateway with these keys, and stops it once it serves. */
async function startsWith(keys: Record<string, string>): Promise<void> {
  const program = startProgram(['start'], { ...env, ...keys });
  await waitFor(program, () => program.output().includes('paste in another terminal'));
  expect(await program.stop()).toBe(0);
}

describe('a wrong ENCRYPTION_KEY', () => {
  beforeAll(() => startsWith({ ENCRYPTION_KEY: FIRST }));

  it.each(['start', 'serve --processes 1', 'work', 'encryption rotate'])(
    'is refused by %s in one line that names it',
    async (args) => {
      const { code, output } = await pgw(args, { ENCRYPTION_KEY: WRONG });
      expect([code, output.split('\n').length]).toEqual([1, 1]);
      expect(output).toMatch(/^pgw: ENCRYPTION_KEY is not the key of this database/);
    },
  );

  it('is accepted only by a separate command, and only when the key was lost', async () => {
    expect(await pgw('encryption accept-key', { ENCRYPTION_KEY: FIRST })).toMatchObject({ code: 1 });
    await startsWith({ ENCRYPTION_KEY: FIRST });
  });
});

describe('a rotation of ENCRYPTION_KEY', () => {
  it('starts with the new and the old key, re-encrypts, and then starts with the new key alone', async () => {
    await startsWith({ ENCRYPTION_KEY: FIRST });
    const both = { ENCRYPTION_KEY: SECOND, ENCRYPTION_KEYS_OLD: ` ${WRONG}, ${FIRST}` };
    await startsWith(both);
    const rotated = await pgw('encryption rotate --json', both);
    expect(JSON.parse(rotated.output)).toEqual({ resealed: 1, remaining: 0, unreadable: 0 });
    expect((await pgw('encryption rotate', both)).output).toMatch(/^Re-encrypted 0 values under/);
    await startsWith({ ENCRYPTION_KEY: SECOND });
    expect((await pgw('start', { ENCRYPTION_KEY: FIRST })).output).toMatch(/^pgw: ENCRYPTION_KEY is not/);
  });
});
