/**
 * The commands of `pgw`, with their options and help.
 */
import { createRequire } from 'node:module';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { addAuditCommands } from './commands/audit/audit.ts';
import { addReportsCommands } from './commands/books/reports.ts';
import { addClientCommands } from './commands/client.ts';
import { addEncryptionCommands } from './commands/encryption.ts';
import { addEndpointsCommands } from './commands/endpoints.ts';
import { addInboxCommands } from './commands/inbox.ts';
import { addKeysCommands } from './commands/keys.ts';
import { addLimitsCommands } from './commands/limits.ts';
import { addMerchantsCommands } from './commands/merchants.ts';
import { addMoneyCommands } from './commands/money.ts';
import { addOperatorsCommands } from './commands/operators.ts';
import { addPaymentsCommands } from './commands/payments/payments.ts';
import { addRefundsCommands } from './commands/refunds/refunds.ts';
import { addRunCommands } from './commands/run.ts';
import { examples } from './output/examples.ts';

/** By its name, which is the same from the sources and from dist. */
const { version } = createRequire(import.meta.url)('mpac-pgw/package.json') as { version: string };

export function createProgram(): Command {
  const program = new Command('pgw')
    .version(version)
    .description(
      'Runs and operates mpac-pgw. It is configured by environment variables; see docs/operations.md.',
    )
    // Commander removes the styles where the output has no colours.
    .configureHelp({ styleTitle: (title) => styleText('bold', title, { validateStream: false }) })
    .addHelpText(
      'after',
      examples('start', 'keys list', 'payments show pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'payments export --help'),
    )
    .showHelpAfterError();
  addRunCommands(program);
  addKeysCommands(program);
  addPaymentsCommands(program);
  addRefundsCommands(program);
  addReportsCommands(program);
  addMoneyCommands(program);
  addInboxCommands(program);
  addMerchantsCommands(program);
  addEndpointsCommands(program);
  addLimitsCommands(program);
  addOperatorsCommands(program);
  addEncryptionCommands(program);
  addAuditCommands(program);
  addClientCommands(program);
  return program;
}
