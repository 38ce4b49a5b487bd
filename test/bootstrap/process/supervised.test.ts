/**
 * `npm start` under a process supervisor, which knows only the process that it has started: nothing may be left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isLauncher } from '../../../src/bootstrap/process/launchers.ts';
import { findFreePort } from '../../../src/lib/net/free-port.ts';
import { eventually } from '../../support/eventually.ts';

const PROJECT = new URL('../../../', import.meta.url).pathname;

describe.runIf(process.platform === 'linux')('a supervisor', () => {
  let dataDir: string;
  let port: number;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-supervised-'));
    return () => rm(dataDir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const pid of await processesOfGateway()) {
      process.kill(pid, 'SIGKILL');
    }
  });

  /** Starts a command in a session of its own, and waits until the gateway serves. */
  async function startServing(command: readonly string[]): Promise<ChildProcess> {
    port = await findFreePort();
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: PROJECT,
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        npm_config_update_notifier: 'false',
        DATA_DIR: dataDir,
        PORT: String(port),
        SANDBOX_PORT: '0',
      },
    });
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200));
    return child;
  }

  /** Everything that was started with this DATA_DIR: npm, shells, the gateway, PostgreSQL. */
  async function processesOfGateway(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const texts = ['environ', 'cmdline'].map((name) =>
          readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''),
        );
        // PostgreSQL has the folder in its arguments.
        return (await Promise.all(texts)).some((text) => text.includes(dataDir));
      }),
    );
    return pids.filter((_, index) => found[index]).map(Number);
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'that sends %s to npm alone ends everything, with exit code 0',
    async (signal) => {
      const child = await startServing(['npm', 'start']);
      expect((await processesOfGateway()).length).toBeGreaterThan(2);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(await processesOfGateway()).toEqual([]);
    },
  );

  it.each(['npm start', 'cd . && npm start', 'npm start; true'])(
    'that sends SIGTERM to the shell of sh -c "%s" alone ends everything',
    async (command) => {
      const child = await startServing(['sh', '-c', command]);
      child.kill('SIGTERM');
      await eventually(async () => expect(await processesOfGateway()).toEqual([]));
    },
  );

  it('that kills npm ends everything', async () => {
    const child = await startServing(['npm', 'start']);
    child.kill('SIGKILL');
    await eventually(async () => expect(await processesOfGateway()).toEqual([]));
  });

  it('like a terminal, which sends SIGINT to npm and to the gateway, ends everything in order', async () => {
    const child = await startServing(['npm', 'start']);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await processesOfGateway()).toEqual([]);
  });
});

describe('the gateway ends with', () => {
  it.each([
    ['npm start'],
    ['npm run --silent pgw -- start'],
    ['sh', '-c', 'npm start'],
    ['/bin/dash', '-c', 'cd /srv/pgw && npm start'],
    ['bash', '-e', '-c', 'npm start >start.log 2>&1'],
    ['-bash', '-lc', 'npm start &>start.log'],
  ])('%s %s %s', (...args) => {
    expect(isLauncher(args)).toBe(true);
  });
});

describe('the gateway does not end with', () => {
  it.each([
    ['a shell of a terminal', ['-bash']],
    ['a script that may leave it running', ['sh', 'deploy.sh']],
    ['a shell that starts it in the background', ['sh', '-c', 'npm start &']],
    [
      'a shell that goes on meanwhile',
      ['bash', '-c', 'nohup npm start & sleep 9; curl localhost:8080/ready'],
    ],
    ['another program', ['python3', '-c', 'run()']],
    ['a process of which nothing is known', ['']],
  ])('%s', (_, args) => {
    expect(isLauncher(args)).toBe(false);
  });
});
