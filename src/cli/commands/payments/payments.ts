/**
 * `pgw payments …`: finding, listing and exporting payments; and `pgw intents show`, the earlier name of `payments show`.
 */
import type { Command } from 'commander';
import { addExportCommand } from './export.ts';
import { addListCommand } from './list.ts';
import { addShowCommand } from './show.ts';

export function addPaymentsCommands(program: Command): void {
  const payments = program.command('payments').description('find, list and export payments');
  addListCommand(payments);
  addShowCommand(payments, 'payments');
  addExportCommand(payments);
  addShowCommand(program.command('intents').description('inspect payment intents'), 'intents');
}
