/**
 * Child processes for tests of kills and races. A program is JavaScript that may import the project's TypeScript; it prints
 * lines, and the test waits for them.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Program {
  /** The next line it prints; rejects when it ends without one. */
  nextLine(): Promise<string>;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  kill(): Promise<unknown>;
}

/** Runs `source` as an ES module in the project's root. */
export function runProgram(source: string): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    cwd: new URL('../../../', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    ended,
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
    async nextLine() {
      const { value, done } = await lines.next();
      if (done) {
        throw new Error(`the program ended (${await ended}) without another line: ${errors}`);
      }
      return value;
    },
  };
}
