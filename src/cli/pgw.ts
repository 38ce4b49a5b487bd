#!/usr/bin/env node
/**
 * `pgw`: the operator's command line. Each command parses, builds what it needs, calls, prints; errors are one line on
 * standard error and exit code 1.
 */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { createApiKey, revokeApiKey, rotateApiKey } from '../services/manage-api-keys.ts';
import { authorizationHeader } from '../signing.ts';
import { type ApiKey, listApiKeys } from '../store/api-keys.ts';
import { migrate } from '../store/migrate.ts';
import { withDatabase } from './database.ts';
import { runDemo } from './demo.ts';
import { DEMO_MERCHANT_ID } from './demo-data.ts';
import { describeIntent } from './intents.ts';
import { serve } from './serve.ts';
import { start } from './start.ts';

interface JsonOption {
  readonly json?: boolean;
}

const program = new Command('pgw')
  .description(
    "The operator's command line of mpac-pgw. Configuration comes from the environment; see the README.",
  )
  .showHelpAfterError();

program
  .command('start')
  .description('start the gateway with everything it needs')
  .action(() => start(loadConfig(), print));

program
  .command('serve')
  .description('start the gateway on several cores of this machine')
  .option('--processes <n>', 'how many processes serve', String(availableParallelism()))
  .action(({ processes }: { processes: string }) => {
    if (!/^[1-9]\d?$/.test(processes)) throw new UsageError('--processes takes a number from 1 to 99');
    return serve(loadConfig(), Number(processes), print);
  });

program
  .command('migrate')
  .description('bring the database up to date')
  .option('--json', 'print JSON')
  .action(async ({ json }: JsonOption) => {
    const applied = await withDatabase(loadConfig(), (db) => migrate(db));
    printResult(json, { applied }, applied.length === 0 ? 'The database is up to date.' : applied.join('\n'));
  });

const keys = program.command('keys').description('API keys');

keys
  .command('create')
  .description("make a key for a merchant's payments, or one of scope sync; the secret is shown once")
  .option('--merchant <id>', 'the merchant whose payments it makes')
  .option('--scope <scope>', '"sync" for the upstream system')
  .option('--json', 'print JSON')
  .action(async ({ merchant, scope, json }: JsonOption & { merchant?: string; scope?: string }) => {
    if ((merchant === undefined) === (scope === undefined))
      throw new UsageError('give either --merchant <id> or --scope sync');
    if (scope !== undefined && scope !== 'sync')
      throw new UsageError('the only --scope without a merchant is sync');
    const made = await withKeys((deps) => createApiKey(deps, merchant));
    printKey(json, made.key, made.secretKey);
  });

keys
  .command('list')
  .description('list keys, without their secrets')
  .option('--merchant <id>', 'only those of this merchant')
  .option('--json', 'print JSON')
  .action(async ({ merchant, json }: JsonOption & { merchant?: string }) => {
    const all = await withKeys(({ db }) => listApiKeys(db, merchant));
    const rows = all.map(presentKey);
    printResult(
      json,
      rows,
      rows
        .map((row) =>
          Object.values(row)
            .map((value) => value ?? '-')
            .join('  '),
        )
        .join('\n'),
    );
  });

keys
  .command('revoke <api_key>')
  .description('end a key now')
  .option('--json', 'print JSON')
  .action(async (apiKey: string, { json }: JsonOption) => {
    await withKeys((deps) => revokeApiKey(deps, apiKey));
    printResult(json, { api_key: apiKey, revoked: true }, `${apiKey} is revoked.`);
  });

keys
  .command('rotate <api_key>')
  .description('make a new key in place of an old one, which works for another 24 hours')
  .option('--json', 'print JSON')
  .action(async (apiKey: string, { json }: JsonOption) => {
    const made = await withKeys((deps) => rotateApiKey(deps, apiKey));
    printKey(json, made.key, made.secretKey, {
      replaces: apiKey,
      replaced_expires_at: made.oldExpiresAt.toISOString(),
    });
  });

program
  .command('sign <method> <path>')
  .description(
    'print the Authorization header of a request; keys from PGW_API_KEY and PGW_SECRET_KEY or the options',
  )
  .option('--api-key <key>', 'the API key')
  .option('--secret-key <key>', 'the secret key')
  .option('--body <body>', 'the request body; - reads it from standard input', '')
  .option('--json', 'print JSON')
  .action(
    async (
      method: string,
      path: string,
      options: JsonOption & { apiKey?: string; secretKey?: string; body: string },
    ) => {
      const config = loadConfig();
      const apiKey = options.apiKey ?? config.client.apiKey;
      const secretKey = options.secretKey ?? config.client.secretKey;
      if (apiKey === undefined || secretKey === undefined) {
        throw new UsageError('give --api-key and --secret-key, or set PGW_API_KEY and PGW_SECRET_KEY');
      }
      const body = options.body === '-' ? await readInput() : options.body;
      const request = { method: method.toUpperCase(), path, body };
      const authorization = authorizationHeader({ apiKey, secretKey }, request, systemClock.now());
      printResult(options.json, { authorization }, authorization);
    },
  );

program
  .command('intents')
  .description('payment intents')
  .command('show <id>')
  .description('everything known about a payment intent: status, attempts, refunds, events')
  .option('--json', 'print JSON')
  .action(async (id: string, { json }: JsonOption) => {
    const described = await withDatabase(loadConfig(), (db) => describeIntent(db, id));
    printResult(json, described.json, described.text);
  });

program
  .command('demo')
  .description('make a complete first payment against a running gateway with its PayPay sandbox')
  .option('--url <url>', 'where the gateway runs')
  .option('--api-key <key>', "a merchant's API key; a new one of the demo merchant when absent")
  .option('--secret-key <key>', 'its secret key')
  .action(async (options: { url?: string; apiKey?: string; secretKey?: string }) => {
    const config = loadConfig();
    const url = options.url ?? config.http.publicBaseUrl;
    const isSucceeded = await runDemo({ url, ...(await demoKeys(config, options)) }, print);
    if (!isSucceeded) throw new UsageError('the payment did not succeed');
  });

/** Said by a command about how it was called. */
class UsageError extends Error {}

async function demoKeys(config: Config, { apiKey, secretKey }: { apiKey?: string; secretKey?: string }) {
  if (apiKey !== undefined && secretKey !== undefined) return { apiKey, secretKey };
  const made = await withDatabase(config, (db) => createApiKey({ db, clock: systemClock }, DEMO_MERCHANT_ID));
  return { apiKey: made.key.apiKey, secretKey: made.secretKey };
}

function withKeys<T>(work: (deps: Parameters<typeof createApiKey>[0]) => Promise<T>): Promise<T> {
  return withDatabase(loadConfig(), (db) => work({ db, clock: systemClock }));
}

function presentKey(key: ApiKey) {
  return {
    api_key: key.apiKey,
    merchant_id: key.merchantId ?? null,
    scopes: key.scopes,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}

function printKey(
  json: boolean | undefined,
  key: ApiKey,
  secretKey: string,
  more: Record<string, string> = {},
): void {
  const shown = {
    api_key: key.apiKey,
    secret_key: secretKey,
    merchant_id: key.merchantId ?? null,
    scopes: key.scopes,
    ...more,
  };
  const text = Object.entries(shown)
    .map(([name, value]) => `${name.padEnd(20)} ${value ?? '-'}`)
    .join('\n');
  printResult(json, shown, `${text}\nThe secret key is shown only now.`);
}

function printResult(json: boolean | undefined, value: unknown, text: string): void {
  print(json ? JSON.stringify(value) : text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

try {
  await program.parseAsync();
} catch (error) {
  const isExpected =
    error instanceof ConfigError || error instanceof DomainError || error instanceof UsageError;
  const text =
    error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`pgw: ${text}\n`);
  process.exitCode = 1;
}
