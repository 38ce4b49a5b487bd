/**
 * Preserves payments across restarts in a file with one JSON line per change; the last line of a payment is its
 * current state. Appending costs the same however many payments there are. At each start the file is compacted and
 * replaced by rename. A line that a crash truncated is skipped, because that change was never confirmed to a caller.
 */
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Payment } from './payment.ts';

export interface Journal {
  /** Resolves when the payment's current state is in the file. Changes made during a write share the next write. */
  save(payment: Payment): Promise<void>;
  /** Removes every payment from the file. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** A journal that stores nothing, for sandboxes without a state file. */
export const noopJournal: Journal = {
  save: async () => {},
  clear: async () => {},
  close: async () => {},
};

/** Reads the payments of an earlier run, oldest first. @throws an Error when the file cannot be read */
export async function loadPayments(path: string): Promise<Payment[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return '';
    }
    throw new Error(`The sandbox cannot read its state file ${path}`, { cause: error });
  });
  const payments = new Map<string, Payment>();
  for (const line of text.split('\n')) {
    const payment = parseLine(line);
    if (payment) {
      payments.set(payment.codeId, payment);
    }
  }
  return [...payments.values()];
}

/** Replaces the file at `path` by one with these payments and opens it. */
export async function openJournal(path: string, payments: readonly Payment[]): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, payments);
  let waiting: string[] = [];
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function writeWaiting(): Promise<void> {
    const lines = waiting;
    waiting = [];
    next = undefined;
    await appendFile(path, lines.join(''), { mode: 0o600 });
  }

  return {
    save(payment) {
      waiting.push(toLine(payment));
      if (!next) {
        // A failed write has already rejected for its own callers and must not fail this one.
        next = running.catch(() => {}).then(writeWaiting);
        running = next;
      }
      return next;
    },
    clear: async () => {
      await running.catch(() => {});
      await replaceFile(path, []);
    },
    close: () => running.catch(() => {}),
  };
}

async function replaceFile(path: string, payments: readonly Payment[]): Promise<void> {
  const temporary = `${path}.new`;
  // Orders and descriptions are left out, because they are private.
  await writeFile(temporary, payments.map(toLine).join(''), { mode: 0o600 });
  await rename(temporary, path);
}

function toLine(payment: Payment): string {
  return `${JSON.stringify(payment)}\n`;
}

function parseLine(line: string): Payment | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const isPayment = typeof parsed === 'object' && parsed !== null && 'codeId' in parsed;
    return isPayment ? withOrigins(parsed as Payment) : undefined;
  } catch {
    return undefined;
  }
}

/** Files of earlier versions contain only refunds made by the API, without an origin. */
function withOrigins(payment: Payment): Payment {
  return {
    ...payment,
    refunds: payment.refunds.map((refund) => ({ ...refund, origin: refund.origin ?? 'api' })),
  };
}
