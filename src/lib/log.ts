/**
 * The log: one JSON line an event. Nothing secret is ever passed to it; the redaction here is the second lock, for the
 * headers and fields that would hold a secret if somebody passed them one day.
 */
import { type Logger, pino, stdSerializers } from 'pino';

export type { Logger };

const SECRET_FIELDS = [
  'authorization',
  'payment_token',
  'paymentToken',
  'secretKey',
  'secret_key',
  'credentials',
];

/** @param level a pino level; @param destination where lines go, standard output by default */
export function createLog(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: null,
    timestamp,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.errWithCause },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  return pino(options, destination ?? standardOutput());
}

let written = { atMs: 0, text: '' };

/** Lines of the same millisecond share the text of their time. */
function timestamp(): string {
  const atMs = Date.now();
  if (atMs !== written.atMs) {
    written = { atMs, text: `,"time":"${new Date(atMs).toISOString()}"` };
  }
  return written.text;
}

/**
 * The lines of one turn of the event loop in one write: a write a line is a system call a request. A process that exits
 * has written all; one that is killed loses the lines of its last turn at most.
 */
function standardOutput(): { write(line: string): void } {
  const file = pino.destination({ fd: 1, sync: true });
  // A terminal that was closed takes no lines, and that is no reason not to shut down in order.
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
