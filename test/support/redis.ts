/**
 * A Redis for one test file, from the machine's redis-server. Tests that need it are skipped by name where it is not
 * installed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { findFreePort } from '../../src/lib/net/free-port.ts';

export interface TestRedis {
  readonly url: string;
  /** Ends the server like a crash; `start` starts it again on the same port, empty. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Freezes the server: its connections stay open, and nothing is answered. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Whether this machine has a redis-server. */
export const hasRedis = isInstalled('redis-server', '--version');

export async function startRedis(): Promise<TestRedis> {
  const port = await findFreePort();
  let server: ChildProcess | undefined;
  const kill = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) {
      return;
    }
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  const start = async () => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    server = spawn('redis-server', options, { stdio: 'ignore', cwd: '/' });
    await waitUntilUp(`redis://127.0.0.1:${port}`);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    stop: kill,
  };
}

async function waitUntilUp(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}

/** Whether a program is installed and runs. */
export function isInstalled(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
