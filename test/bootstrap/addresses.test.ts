/**
 * Commands find the gateway that runs with their DATA_DIR, whatever its ports are.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announceAddresses, findAddresses } from '../../src/bootstrap/process/addresses.ts';
import { loadConfig } from '../../src/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEY } from '../support/gateway.ts';
import { startProgram, waitFor } from '../support/program.ts';
import { silentLog } from '../support/silent-log.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-addresses-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const file = () => join(dataDir, 'gateway.json');

describe('a gateway on ports that the system chose', () => {
  // One for each, because the sandbox of one does not know the payments of another.
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it.each([[['start']], [['serve', '--processes', '1']]])(
    'is found by commands while it runs as %j, and not after its end',
    async (command) => {
      const key = TEST_KEY.toString('base64');
      const env = { DATABASE_URL: database.url, DATA_DIR: dataDir, ENCRYPTION_KEY: key };
      const gateway = startProgram(command, { ...env, PORT: '0', SANDBOX_PORT: '0', LOG_LEVEL: 'error' });
      try {
        await waitFor(gateway, () => gateway.output().includes('To make a first payment'));
        const written = JSON.parse(await readFile(file(), 'utf8'));
        expect(written).toMatchObject({ pid: gateway.child.pid, host: hostname() });
        expect((await fetch(`${written.gateway}/health`)).status).toBe(200);
        expect((await fetch(`${written.console}/sign-in`)).status).toBe(200);
        const [link = ''] = /http:\S+\/demo\/\w+/.exec(gateway.output()) ?? [];
        expect([link.startsWith(written.console), (await fetch(link)).status]).toEqual([true, 200]);
        expect((await stat(file())).mode & 0o777).toBe(0o600);
        for (const args of [['demo'], ['money', 'check']]) {
          const program = startProgram(args, env);
          expect([args, await program.ended, program.output()]).toEqual([args, 0, expect.any(String)]);
        }
      } finally {
        expect(await gateway.stop()).toBe(0);
      }
      await expect(stat(file())).rejects.toThrow('ENOENT');
    },
  );
});

describe('the file with the addresses', () => {
  const config = () => loadConfig({ DATA_DIR: dataDir });
  const addresses = { gateway: 'http://127.0.0.1:1', sandbox: undefined, console: undefined };

  it('is not believed when its process has ended, when it is of another machine, or when it is damaged', async () => {
    const ended = startProgram(['--version']);
    await ended.ended;
    const own = { ...addresses, pid: process.pid, host: hostname() };
    const cases = [
      { ...own, pid: ended.child.pid },
      { ...own, host: 'another' },
      { ...own, gateway: 1 },
    ];
    for (const text of [...cases.map((each) => JSON.stringify(each)), '{"gateway":', '', 'null']) {
      await writeFile(file(), text);
      expect(await findAddresses(config()), text).toBeUndefined();
    }
    await writeFile(file(), JSON.stringify(own));
    expect(await findAddresses(config())).toMatchObject(addresses);
  });

  it('stays when another gateway has replaced it', async () => {
    const disposers: (() => Promise<unknown>)[] = [];
    await announceAddresses(config(), addresses, silentLog, disposers);
    await writeFile(file(), 'of another gateway');
    await disposers[0]?.();
    expect(await readFile(file(), 'utf8')).toBe('of another gateway');
  });

  it('is not needed: a gateway starts without a DATA_DIR', async () => {
    await rm(dataDir, { recursive: true });
    const disposers: (() => Promise<unknown>)[] = [];
    await announceAddresses(config(), addresses, silentLog, disposers);
    expect([disposers.length, await findAddresses(config())]).toEqual([0, undefined]);
  });
});
