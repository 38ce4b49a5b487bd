/**
 * The command after `--`: runs in the foreground with the streams of this process, which forwards signals to it and
 * returns its exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { environmentWith } from '../config.ts';
import { UsageError } from '../lib/terminal.ts';

/**
 * @param more added to the environment of this process
 * @returns the exit code of the command; 128 plus the signal number if a signal ended it, as in a shell
 * @throws UsageError if the command cannot be started
 */
export async function runTrailingCommand(
  [program = '', ...args]: readonly string[],
  more: Readonly<Record<string, string>>,
  signal: Promise<NodeJS.Signals>,
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: environmentWith(more) });
  let hasEnded = false;
  void signal.then((name) => {
    // The terminal has already sent SIGINT to the whole process group, and many programs exit hard at a second one.
    const isHandled = name === 'SIGINT' && process.stdin.isTTY;
    if (!hasEnded && !isHandled) {
      child.kill(name);
    }
  });
  try {
    const [code, endedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[endedBy ?? 'SIGTERM'];
  } catch (error) {
    throw new UsageError(`${program} cannot be started: ${(error as Error).message}`);
  } finally {
    hasEnded = true;
  }
}
