/**
 * Keeps payments over a restart: a file with one JSON line per change of a payment, the last line of a payment
 * being its truth. Appending is cheap however many payments there are; the file is rewritten whole, and put in place
 * by rename, at each start. A line cut off by a crash is skipped: nobody was told of that change.
 */
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Payment } from './payment.ts';

export interface Journal {
  /** Resolves when this payment, as it is now, is in the file. Changes that come in meanwhile share one write. */
  save(payment: Payment): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** A journal that keeps nothing, for sandboxes without a state file. */
export const forgetfulJournal: Journal = {
  save: async () => {},
  clear: async () => {},
  close: async () => {},
};

/** Reads the payments of an earlier run, oldest first. */
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

/** Opens the journal at `path` and starts it with these payments. */
export async function openJournal(path: string, payments: readonly Payment[]): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, payments);
  let waiting: string[] = [];
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function writeWaiting(): Promise<void> {
    const lines = waiting;
    waiting = [];
    next = undefined;
    await appendFile(path, lines.join(''));
  }

  return {
    save(payment) {
      waiting.push(toLine(payment));
      if (!next) {
        // The write before may have failed; its own callers were told.
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
  await writeFile(temporary, payments.map(toLine).join(''));
  await rename(temporary, path);
}

function toLine(payment: Payment): string {
  return `${JSON.stringify(payment)}\n`;
}

function parseLine(line: string): Payment | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const isPayment = typeof parsed === 'object' && parsed !== null && 'codeId' in parsed;
    return isPayment ? (parsed as Payment) : undefined;
  } catch {
    return undefined;
  }
}
