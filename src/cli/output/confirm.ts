/**
 * Asks the person at the terminal before something that cannot be undone.
 */
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../lib/terminal.ts';

/**
 * Asks on standard error, because standard output may be read by a program.
 * @throws UsageError when the reply is not yes, or nobody can be asked
 */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UsageError('nobody can be asked to confirm, because this is not a terminal: add --yes');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  // The end of the input, Ctrl-D, is no reply.
  terminal.once('close', () => closed.abort());
  try {
    const reply = await terminal
      .question(`${question} [y/N] `, { signal: closed.signal })
      .catch(() => undefined);
    if (!/^y(es)?$/i.test(reply?.trim() ?? '')) {
      throw new UsageError('nothing was changed');
    }
  } finally {
    terminal.close();
  }
}
