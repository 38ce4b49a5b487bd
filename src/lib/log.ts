/**
 * The log: one line per event, JSON unless a person reads it on a terminal. Callers never pass it secrets; redacting the usual headers and fields is a second
 * safeguard.
 */
import { type Logger, pino, stdSerializers } from 'pino';
import { readableLine } from './logs/readable-line.ts';

export type { Logger };

const SECRET_FIELDS = [
  'authorization',
  'payment_token',
  'paymentToken',
  'secretKey',
  'secret_key',
  'credentials',
];

interface Destination {
  write(line: string): unknown;
  /** Whether it is a terminal, and the number of bits of its colours, as of `process.stderr`. */
  readonly isTTY?: boolean;
  getColorDepth?(): number;
}

/**
 * @param level a pino level
 * @param destination where lines go; standard output by default
 */
export function createLog(level: string, destination?: Destination): Logger {
  const options = {
    level,
    base: null,
    timestamp,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.errWithCause },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  const given = destination ?? standardOutput();
  const terminal: Destination = destination ?? process.stdout;
  const hasColours = (terminal.getColorDepth?.() ?? 1) > 1;
  return pino(options, terminal.isTTY === true ? forPeople(given, hasColours) : given);
}

function forPeople(destination: Destination, hasColours: boolean): Destination {
  return { write: (line) => destination.write(readableLine(line, hasColours)) };
}

let written = { atMs: 0, text: '' };

/** Caches the formatted time for lines of the same millisecond. */
function timestamp(): string {
  const atMs = Date.now();
  if (atMs !== written.atMs) {
    written = { atMs, text: `,"time":"${new Date(atMs).toISOString()}"` };
  }
  return written.text;
}

/**
 * Writes the lines of one event loop tick together, which saves a system call per line. A process that exits has
 * written all its lines; one that is killed loses at most those of its last tick.
 */
function standardOutput(): { write(line: string): void } {
  const file = pino.destination({ fd: 1, sync: true });
  // EIO means that the terminal was closed, which must not prevent an orderly shutdown.
  file.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EIO') {
      throw error;
    }
  });
  let lines = '';
  const flush = () => {
    if (lines !== '') {
      file.write(lines);
    }
    lines = '';
  };
  process.on('exit', flush);
  return {
    write(line) {
      if (lines === '') {
        setImmediate(flush);
      }
      lines += line;
    },
  };
}
