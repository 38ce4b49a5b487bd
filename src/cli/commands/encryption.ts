/**
 * `pgw encryption …`: the key of data at rest.
 */
import type { Command } from 'commander';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';

export function addEncryptionCommands(program: Command): void {
  const encryption = program.command('encryption').description('manage the key of data at rest');
  encryption
    .command('rotate')
    .description('seal everything again under ENCRYPTION_KEY, while the gateway serves')
    .option('--json', 'print JSON')
    .action(rotate);
  encryption
    .command('accept-key')
    .description('after the loss of the earlier key: let the gateway start with ENCRYPTION_KEY')
    .option('--json', 'print JSON')
    .action(acceptKey);
}

async function rotate(options: JsonOption): Promise<void> {
  const config = loadConfig();
  // It loads the whole gateway, which the other commands do not need.
  const bootstrap = await import('../../bootstrap/encryption.ts');
  const { resealed, remaining, unreadable } = await bootstrap.rotate(config);
  const lines = [`${resealed} values are sealed again under ENCRYPTION_KEY.`];
  if (remaining > 0) {
    lines.push(
      `${remaining} are still sealed under an earlier key: restart every process with the new one, then repeat.`,
    );
  }
  if (unreadable > 0) {
    lines.push(
      `${unreadable} open with none of the keys: list their key in ENCRYPTION_KEYS_OLD, then repeat.`,
    );
  }
  printResult(options, { resealed, remaining, unreadable }, lines.join('\n'));
  if (remaining > 0 || unreadable > 0) {
    process.exitCode = 1;
  }
}

async function acceptKey(options: JsonOption): Promise<void> {
  const config = loadConfig();
  const { acceptNewKey } = await import('../../bootstrap/encryption.ts');
  if (!(await acceptNewKey(config))) {
    throw new UsageError('the configured keys open this database: nothing was changed');
  }
  printResult(
    options,
    { accepted: true },
    'ENCRYPTION_KEY is accepted. Sync the merchants again; until then their payments cannot be confirmed.',
  );
}
