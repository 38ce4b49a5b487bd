/**
 * `pgw audit …`: lists, exports and verifies the audit log.
 */
import type { Command } from 'commander';
import { addExportCommand } from './export.ts';
import { addListCommand } from './list.ts';
import { addVerifyCommand } from './verify.ts';

export function addAuditCommands(program: Command): void {
  const audit = program
    .command('audit')
    .description('the audit log: who changed settings, secrets and money, and why');
  addListCommand(audit);
  addExportCommand(audit);
  addVerifyCommand(audit);
}
