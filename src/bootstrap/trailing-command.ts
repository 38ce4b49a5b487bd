/**
 * The command after `--`: runs in the foreground with our streams, hears of the signals that we get, and its exit code is
 * ours.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { environmentWith } from '../config.ts';
import { UsageError } from '../lib/terminal.ts';

/**
 * @param more what its environment holds beside ours
 * @returns its exit code; as shells do, 128 and the signal's number when a signal has ended it
 * @throws UsageError when it cannot be started
 */
export async function runTrailingCommand(
  [program = '', ...args]: readonly string[],
  more: Readonly<Record<string, string>>,
  signal: Promise<NodeJS.Signals>,
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: environmentWith(more) });
  let hasEnded = false;
  void signal.then((name) => {
    // The terminal has told the whole group already, and twice means "at once" to many programs.
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
