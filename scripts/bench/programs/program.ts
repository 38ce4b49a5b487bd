/**
 * The benchmark's child processes: starts them, waits for them and stops them. Their output goes to a file and is shown
 * if a process ends unexpectedly.
 */
import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock.ts';

export interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  readonly pid: number;
  /** The output so far, of both streams. */
  output(): string;
  /** The next message from a forked program. */
  nextMessage(timeoutMs?: number): Promise<unknown>;
  /** Resolves when `isReady` returns true; throws with the program's output if it ends before. */
  waitUntil(isReady: () => Promise<boolean> | boolean): Promise<void>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 25;
const STOP_TIMEOUT_MS = 20_000;
const SHOWN_CHARACTERS = 2_000;

let outputFolder = '';
let programs = 0;
const running = new Set<Program>();

/** Sets the folder for the output of programs that are started from now on. */
export function keepOutputIn(folder: string): void {
  outputFolder = folder;
}

/** Stops all running programs, the most recently started first. */
export async function stopAllPrograms(): Promise<void> {
  for (const program of [...running].reverse()) {
    await program.stop();
  }
}

/** Starts a compiled Node program, such as the gateway. */
export function spawnNode(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  return observe(name, (stdio) =>
    spawn(process.execPath, args, { stdio, env: { PATH: process.env['PATH'], ...env } }),
  );
}

/** Starts a TypeScript module like this process (by the same loader), with a message channel. */
export function forkProgram(
  name: string,
  module: URL,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  return observe(name, (stdio) =>
    fork(module, { stdio: [...stdio, 'ipc'], env: { ...process.env, NODE_ENV: 'production', ...env } }),
  );
}

type Stdio = Extract<SpawnOptions['stdio'], unknown[]>;

async function observe(name: string, start: (stdio: Stdio) => ChildProcess): Promise<Program> {
  programs += 1;
  const file = join(outputFolder, `${programs}-${name}.log`);
  const descriptor = openSync(file, 'w');
  const child = start(['ignore', descriptor, descriptor]);
  closeSync(descriptor);
  await once(child, 'spawn');
  const program = describe(name, child, () => readFileSync(file, 'utf8'));
  running.add(program);
  child.once('exit', () => running.delete(program));
  return program;
}

function describe(name: string, child: ChildProcess, output: () => string): Program {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const early = () => new Error(`${name} ended early:\n${output().slice(-SHOWN_CHARACTERS)}`);
  return {
    name,
    child,
    pid: child.pid ?? 0,
    output,
    async nextMessage(timeoutMs = READY_TIMEOUT_MS) {
      const over = new AbortController();
      const { signal } = over;
      try {
        return await Promise.race([
          once(child, 'message', { signal }).then(([message]) => message as unknown),
          once(child, 'exit', { signal }).then(() => Promise.reject(early())),
          systemClock
            .sleep(timeoutMs, signal)
            .then(() => Promise.reject(new Error(`${name} sent no message for ${timeoutMs} ms`))),
        ]);
      } finally {
        over.abort();
      }
    },
    async waitUntil(isReady) {
      const deadline = Date.now() + READY_TIMEOUT_MS;
      while (!(await isReady())) {
        if (hasEnded()) {
          throw early();
        }
        if (Date.now() > deadline) {
          throw new Error(`${name} did not become ready:\n${output()}`);
        }
        await systemClock.sleep(POLL_INTERVAL_MS);
      }
    },
    async stop() {
      if (hasEnded()) {
        return;
      }
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const over = new AbortController();
      const killing = systemClock.sleep(STOP_TIMEOUT_MS, over.signal).then(() => {
        if (!over.signal.aborted) {
          child.kill('SIGKILL');
        }
      });
      await ended;
      over.abort();
      await killing;
    },
  };
}
