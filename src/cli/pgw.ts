#!/usr/bin/env node
/**
 * `pgw`: the operator's command line. Each command parses its options, builds its dependencies, makes one call and
 * prints the result. An error is one line on standard error and exit code 1.
 */
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { PgwConnectionError, PgwError, PgwWaitError } from '../client/index.ts';
import { ConfigError } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { UsageError } from '../lib/terminal.ts';
import { addClientCommands } from './commands/client.ts';
import { addEncryptionCommands } from './commands/encryption.ts';
import { addEndpointsCommands } from './commands/endpoints.ts';
import { addKeysCommands } from './commands/keys.ts';
import { addLimitsCommands } from './commands/limits.ts';
import { addMerchantsCommands } from './commands/merchants.ts';
import { addPaymentCommands } from './commands/payments.ts';
import { addRunCommands } from './commands/run.ts';

/** Errors whose message tells the user what to do. Any other error is a bug and is printed with its stack. */
const EXPECTED = [ConfigError, DomainError, UsageError, PgwError, PgwConnectionError, PgwWaitError];

/** By its name, which is the same from the sources and from dist. */
const { version } = createRequire(import.meta.url)('mpac-pgw/package.json') as { version: string };

const program = new Command('pgw')
  .version(version)
  .description('Runs and operates mpac-pgw. It is configured by environment variables; see the README.')
  .showHelpAfterError();
addRunCommands(program);
addKeysCommands(program);
addPaymentCommands(program);
addMerchantsCommands(program);
addEndpointsCommands(program);
addLimitsCommands(program);
addEncryptionCommands(program);
addClientCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = EXPECTED.some((kind) => error instanceof kind);
  const text =
    error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`pgw: ${text}\n`);
  process.exitCode = 1;
}
