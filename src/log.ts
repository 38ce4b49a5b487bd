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
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.errWithCause },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
