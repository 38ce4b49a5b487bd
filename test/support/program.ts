/**
 * The built program as a child process: what an operator starts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../../src/lib/clock.ts';

export const PROGRAM = new URL('../../dist/src/cli/pgw.js', import.meta.url).pathname;

export interface Program {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts `pgw` with only the given environment beside PATH. */
export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return watch(spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env['PATH'], ...env } }));
}

export interface SteppedProgram extends Program {
  /** Sets the program's wall clock this far from the machine's; resolves when it is set. */
  setClock(offsetMs: number): Promise<void>;
}

const SETTABLE_CLOCK = new URL('settable-clock.mjs', import.meta.url).href;

/** Starts `pgw` with a wall clock that can be set. */
export function startStepped(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  offsetMs = 0,
): SteppedProgram {
  const child = spawn(process.execPath, ['--import', SETTABLE_CLOCK, PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], TEST_CLOCK_OFFSET_MS: String(offsetMs), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return {
    ...watch(child),
    async setClock(next) {
      const isSet = once(child, 'message');
      child.send({ clockOffsetMs: next });
      await isSet;
    },
  };
}

function watch(child: ChildProcess): Program {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    output: () => output,
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Polls until `isThere` returns true; fails with the program's output if it ends before. */
export async function waitFor(program: Program, isThere: () => Promise<boolean> | boolean): Promise<void> {
  for (;;) {
    if (await isThere()) {
      return;
    }
    if (program.child.exitCode !== null) {
      throw new Error(`the program ended early:\n${program.output()}`);
    }
    await systemClock.sleep(20);
  }
}

/** Waits until a gateway passes its health check. */
export function waitForHealth(program: Program, port: number, path = '/health'): Promise<void> {
  return waitFor(program, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return answer?.ok ?? false;
  });
}
