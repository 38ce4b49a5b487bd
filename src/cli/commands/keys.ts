/**
 * `pgw keys …`: creates, lists, updates, revokes and rotates API keys.
 */
import type { Command } from 'commander';
import { openClock, readDatabase, withDatabase } from '../../bootstrap/database.ts';
import { loadConfig } from '../../config.ts';
import { type JsonOption, printResult, table, UsageError } from '../../lib/terminal.ts';
import { createApiKey, revokeApiKey, rotateApiKey, updateApiKey } from '../../services/operator/api-keys.ts';
import { type ApiKey, listApiKeys } from '../../store/api-keys.ts';
import { actContextOf, type ReasonOption, withReason } from '../act-options.ts';
import { examples } from '../output/examples.ts';
import { printList } from '../output/list.ts';
import { readUpstream } from '../read-upstream.ts';
import {
  CLEARABLE,
  KEY_HEADINGS,
  keyCells,
  presentKey,
  presentSettings,
  readCleared,
  readScopes,
  readSettings,
  type SettingOptions,
  withSettingOptions,
} from './key-options.ts';

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('manage API keys');
  withReason(withSettingOptions(keys.command('create')))
    .description('create a key for a merchant or an upstream system; the secret key is shown only once')
    .option('--merchant <id>', 'create a key for the payments of this merchant')
    .option(
      '--scope <scopes>',
      'what the key may do: some of payments,refunds,refunds:cash,events,reports (all but refunds:cash if not given), or "sync" ' +
        'for an upstream system',
    )
    .option(
      '--upstream <name>',
      'with --scope sync: the upstream system; only its keys may change the merchants it creates',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'keys create --merchant merchant_001',
        'keys create --merchant merchant_001 --scope payments,refunds,refunds:cash,events',
        'keys create --scope sync --upstream erp',
      ),
    )
    .action(createKey);
  keys
    .command('list')
    .description('list keys, without their secrets')
    .option('--merchant <id>', 'only the keys of this merchant')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('keys list', 'keys list --merchant merchant_001 --json'))
    .action(listKeys);
  addChangeCommands(keys);
  addEndingCommands(keys);
}

function addChangeCommands(keys: Command): void {
  withReason(withSettingOptions(keys.command('update <api_key>')))
    .description('change what a key is limited to; every node applies it to the next request')
    .option('--scope <scopes>', 'what the key of a merchant may do from now on')
    .option('--clear <settings>', `remove settings: some of ${CLEARABLE}`)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'keys update ak_Vb2xLw8R3nTqYc5sKd7mPz4e --store store_001 --max-refund 10000',
        'keys update ak_Vb2xLw8R3nTqYc5sKd7mPz4e --clear store,expires',
      ),
    )
    .action(updateKey);
}

function addEndingCommands(keys: Command): void {
  withReason(keys.command('revoke <api_key>'))
    .description('revoke a key immediately')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('keys revoke ak_Vb2xLw8R3nTqYc5sKd7mPz4e --reason "seen in a public repository"'),
    )
    .action(async (apiKey: string, options: JsonOption & ReasonOption) => {
      const by = actContextOf(options);
      await withKeys((deps) => revokeApiKey(deps, by, apiKey));
      printResult(options, { api_key: apiKey, revoked: true }, `${apiKey} is revoked.`);
    });
  withReason(keys.command('rotate <api_key>'))
    .description(
      'create a key with the same scopes and limits, which replaces an old one; the old key remains valid for 24 hours',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('keys rotate ak_Vb2xLw8R3nTqYc5sKd7mPz4e'))
    .action(async (apiKey: string, options: JsonOption & ReasonOption) => {
      const by = actContextOf(options);
      const made = await withKeys((deps) => rotateApiKey(deps, by, apiKey));
      const more = { replaces: apiKey, replaced_expires_at: made.oldExpiresAt.toISOString() };
      printKey(options, made.key, made.secretKey, more);
    });
}

async function listKeys(options: JsonOption & { merchant?: string }): Promise<void> {
  const keys = await readDatabase(loadConfig(), (db) => listApiKeys(db, options.merchant));
  printList(options, keys.map(presentKey), {
    headings: KEY_HEADINGS,
    rows: keys.map(keyCells),
    noun: 'key',
    none:
      options.merchant === undefined
        ? 'There are no API keys. pgw keys create makes one.'
        : `${options.merchant} has no API keys. pgw keys create makes one.`,
  });
}

interface CreateOptions extends JsonOption, ReasonOption, SettingOptions {
  readonly merchant?: string;
  readonly scope?: string;
  readonly upstream?: string;
}

async function createKey(options: CreateOptions): Promise<void> {
  const { merchant, scope, upstream } = options;
  if ((merchant === undefined) !== (scope === 'sync')) {
    throw new UsageError('specify either --merchant <id> or --scope sync');
  }
  if (upstream !== undefined && merchant !== undefined) {
    throw new UsageError('--upstream requires --scope sync');
  }
  const name = upstream === undefined ? undefined : readUpstream(upstream);
  const scopes = merchant === undefined || scope === undefined ? undefined : readScopes(scope);
  const by = actContextOf(options);
  const made = await withKeys(
    (deps) =>
      createApiKey(deps, by, merchant, {
        upstream: name,
        scopes,
        ...readSettings(options, deps.clock.now()),
      }),
    { mayCreate: true },
  );
  printKey(options, made.key, made.secretKey);
}

interface UpdateOptions extends JsonOption, ReasonOption, SettingOptions {
  readonly scope?: string;
  readonly clear?: string;
}

async function updateKey(apiKey: string, options: UpdateOptions): Promise<void> {
  const scopes = options.scope === undefined ? undefined : readScopes(options.scope);
  const cleared = options.clear === undefined ? {} : readCleared(options.clear);
  const by = actContextOf(options);
  const key = await withKeys((deps) => {
    const settings = { ...cleared, ...readSettings(options, deps.clock.now()) };
    if (scopes === undefined && Object.keys(settings).length === 0) {
      throw new UsageError('say what to change; see pgw keys update --help');
    }
    return updateApiKey(deps, by, apiKey, { ...settings, scopes });
  });
  const shown = presentKey(key);
  printResult(
    options,
    shown,
    table(Object.entries(shown).map(([name, value]) => [name, String(value ?? '-')])),
  );
}

function withKeys<T>(
  work: (deps: Parameters<typeof createApiKey>[0]) => Promise<T>,
  options?: { mayCreate: boolean },
): Promise<T> {
  return withDatabase(loadConfig(), async (db) => work({ db, clock: await openClock(db) }), options);
}

function printKey(
  options: JsonOption,
  key: ApiKey,
  secretKey: string,
  more: Record<string, string> = {},
): void {
  const shown = {
    api_key: key.apiKey,
    secret_key: secretKey,
    merchant_id: key.merchantId ?? null,
    ...(key.upstream !== undefined && { upstream: key.upstream }),
    scopes: key.scopes,
    ...more,
    ...presentSettings(key),
  };
  const text = table(Object.entries(shown).map(([name, value]) => [name, String(value ?? '-')]));
  printResult(options, shown, `${text}\nThe secret key is shown only once; store it now.`);
}
