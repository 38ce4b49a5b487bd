/**
 * `pgw sign` and `pgw demo`: requests as a merchant's server makes them.
 */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { openClock, withDatabase } from '../../bootstrap/database.ts';
import { DEMO_MERCHANT_ID } from '../../bootstrap/demo-data.ts';
import { type Config, loadConfig } from '../../config.ts';
import { systemClock } from '../../lib/clock.ts';
import { authorizationHeader } from '../../lib/signing.ts';
import { type JsonOption, print, printResult, readInput, UsageError } from '../../lib/terminal.ts';
import { createApiKey } from '../../services/operator/api-keys.ts';
import { runDemo } from './demo-payment.ts';

interface KeyOptions {
  readonly apiKey?: string;
  readonly secretKey?: string;
  readonly secretKeyFile?: string;
}

const SECRET_KEY =
  'the secret key; prefer the other ways, because every user of this machine can read arguments';
const SECRET_KEY_FILE = 'a file with the secret key; "-" reads it from standard input';

export function addClientCommands(program: Command): void {
  program
    .command('sign <method> <path>')
    .description(
      'print the Authorization header of a request; keys from the options or PGW_API_KEY and PGW_SECRET_KEY',
    )
    .option('--api-key <key>', 'the API key')
    .option('--secret-key <key>', SECRET_KEY)
    .option('--secret-key-file <file>', SECRET_KEY_FILE)
    .option('--body <body>', 'the request body; "-" reads it from standard input', '')
    .option('--json', 'print JSON')
    .action(signRequest);
  program
    .command('demo')
    .description('make a complete first payment against a running gateway with its PayPay sandbox')
    .option('--url <url>', 'the address of the gateway')
    .option(
      '--api-key <key>',
      "a merchant's API key, or PGW_API_KEY; by default a new key of the demo merchant is created",
    )
    .option('--secret-key <key>', SECRET_KEY)
    .option('--secret-key-file <file>', SECRET_KEY_FILE)
    .action(async (options: KeyOptions & { url?: string }) => {
      const config = loadConfig();
      const url = options.url ?? config.http.publicBaseUrl;
      const isSucceeded = await runDemo({ url, credentials: await demoKeys(config, options) }, print);
      if (!isSucceeded) {
        throw new UsageError('the payment did not succeed');
      }
    });
}

async function signRequest(
  method: string,
  path: string,
  options: JsonOption & KeyOptions & { body: string },
): Promise<void> {
  if (options.body === '-' && options.secretKeyFile === '-') {
    throw new UsageError('--body and --secret-key-file cannot both be read from standard input');
  }
  const keys = await readKeys(loadConfig(), options);
  if (!keys) {
    throw new UsageError('set PGW_API_KEY and PGW_SECRET_KEY, or give --api-key and --secret-key-file');
  }
  const body = options.body === '-' ? await readInput() : options.body;
  const request = { method: method.toUpperCase(), path, body };
  const authorization = authorizationHeader(keys, request, systemClock.now());
  printResult(options, { authorization }, authorization);
}

/** The keys from the options, else from the environment; undefined when one is missing. */
async function readKeys({ client }: Config, options: KeyOptions) {
  const { secretKeyFile } = options;
  const read = secretKeyFile === undefined ? undefined : await readSecretKey(secretKeyFile);
  const apiKey = options.apiKey ?? client.apiKey;
  const secretKey = read ?? options.secretKey ?? client.secretKey;
  return apiKey === undefined || secretKey === undefined ? undefined : { apiKey, secretKey };
}

async function readSecretKey(file: string): Promise<string> {
  const content = await (file === '-' ? readInput() : readFile(file)).catch((error: { code?: unknown }) => {
    throw new UsageError(`--secret-key-file ${file} cannot be read: ${String(error.code)}`);
  });
  const secretKey = content.toString('utf8').trim();
  if (secretKey === '') {
    throw new UsageError(`--secret-key-file ${file} is empty`);
  }
  return secretKey;
}

async function demoKeys(config: Config, options: KeyOptions) {
  const keys = await readKeys(config, options);
  if (keys) {
    return keys;
  }
  const made = await withDatabase(config, async (db) =>
    createApiKey({ db, clock: await openClock(db) }, DEMO_MERCHANT_ID),
  );
  return { apiKey: made.key.apiKey, secretKey: made.secretKey };
}
