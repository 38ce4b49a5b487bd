/**
 * `pgw encryption …`: manages the key that encrypts data at rest.
 */
import type { Command } from 'commander';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, UsageError } from '../../lib/terminal.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { count } from '../output/list.ts';

export function addEncryptionCommands(program: Command): void {
  const encryption = program.command('encryption').description('manage the encryption key of data at rest');
  withReason(encryption.command('rotate'))
    .description('re-encrypt all stored values under ENCRYPTION_KEY; the gateway may keep running')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('encryption rotate'))
    .action(rotate);
  withReason(encryption.command('accept-key'))
    .description('allow the gateway to start with ENCRYPTION_KEY after the earlier key was lost')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('encryption accept-key'))
    .action(acceptKey);
}

async function rotate(options: JsonOption & ReasonOption): Promise<void> {
  const by = actContextOf(options);
  const config = loadConfig();
  // Imported on demand, because it loads the whole gateway, which other commands do not need.
  const bootstrap = await import('../../bootstrap/encryption.ts');
  const { resealed, remaining, unreadable } = await bootstrap.rotate(config, by);
  const lines = [`Re-encrypted ${count(resealed, 'value')} under ENCRYPTION_KEY.`];
  if (remaining > 0) {
    lines.push(
      `${count(remaining, 'value')} still encrypted under an earlier key: restart every process with the new key, then run this again.`,
    );
  }
  if (unreadable > 0) {
    lines.push(
      `${count(unreadable, 'value')} cannot be decrypted with any configured key: add the missing key to ENCRYPTION_KEYS_OLD, then run this again.`,
    );
  }
  printResult(options, { resealed, remaining, unreadable }, lines.join('\n'));
  if (remaining > 0 || unreadable > 0) {
    process.exitCode = 1;
  }
}

async function acceptKey(options: JsonOption & ReasonOption): Promise<void> {
  const by = actContextOf(options);
  const config = loadConfig();
  const { acceptNewKey } = await import('../../bootstrap/encryption.ts');
  if (!(await acceptNewKey(config, by))) {
    throw new UsageError('a configured key already opens this database; nothing was changed');
  }
  printResult(
    options,
    { accepted: true },
    'ENCRYPTION_KEY is accepted. Sync the merchants again; until then their payments cannot be confirmed. Webhook endpoints need a new secret (rotate_secret).',
  );
}
