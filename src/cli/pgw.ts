#!/usr/bin/env node
/**
 * `pgw`: the operator's command line. Each command parses its options, builds its dependencies, makes one call and
 * prints the result. An error is one line on standard error and exit code 1.
 */
import { styleText } from 'node:util';
import { PgwConnectionError, PgwError, PgwWaitError } from '../client/index.ts';
import { ConfigError } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { UsageError } from '../lib/terminal.ts';
import { createProgram } from './program.ts';

/** Errors whose message tells the user what to do. Any other error is a bug and is printed with its stack. */
const EXPECTED = [ConfigError, DomainError, UsageError, PgwError, PgwConnectionError, PgwWaitError];

process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // The reader, for example `head`, has seen enough.
  if (code === 'EPIPE') {
    process.exit(0);
  }
  process.stderr.write(`pgw: the output cannot be written: ${code}\n`);
  process.exit(1);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  const isExpected = EXPECTED.some((kind) => error instanceof kind);
  const text =
    error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${styleText('red', 'pgw:', { stream: process.stderr })} ${text}\n`);
  process.exitCode = 1;
}
