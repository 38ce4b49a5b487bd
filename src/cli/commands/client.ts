/**
 * `pgw sign`, `pgw demo` and `pgw listen`: requests as a merchant's server makes them.
 */
import type { Command } from 'commander';
import { openClock, withDatabase } from '../../bootstrap/database.ts';
import { ensureDemoKeys, findDemoKeys } from '../../bootstrap/demo-data.ts';
import { type Config, loadConfig } from '../../config.ts';
import { systemClock } from '../../lib/clock.ts';
import { authorizationHeader } from '../../lib/signing.ts';
import {
  type JsonOption,
  print,
  printAside,
  printResult,
  readInput,
  UsageError,
} from '../../lib/terminal.ts';
import { findGatewayUrl, URL_OPTION } from '../gateway-url.ts';
import { examples } from '../output/examples.ts';
import {
  type KeyOptions,
  MISSING_KEYS,
  readKeys,
  requireKeys,
  SECRET_KEY,
  SECRET_KEY_FILE,
} from '../read-keys.ts';
import { runDemo } from './demo-payment.ts';
import { addListenCommand } from './listen.ts';

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
    .addHelpText(
      'after',
      examples('sign GET /v1/payment_intents', 'sign POST /v1/payment_intents --body - < request.json'),
    )
    .action(signRequest);
  program
    .command('demo')
    .description('make a complete first payment against a running gateway with its PayPay sandbox')
    .option('--url <url>', URL_OPTION)
    .option(
      '--api-key <key>',
      "a merchant's API key, or PGW_API_KEY; by default the demo merchant's, from DATA_DIR",
    )
    .option('--secret-key <key>', SECRET_KEY)
    .option('--secret-key-file <file>', SECRET_KEY_FILE)
    .addHelpText(
      'after',
      examples('demo', 'demo --url https://pgw-staging.example.com --api-key ak_… --secret-key-file secret'),
    )
    .action(async (options: KeyOptions & { url?: string }) => {
      const config = loadConfig();
      const url = await findGatewayUrl(config, options.url);
      const isSucceeded = await runDemo({ url, credentials: await demoKeys(config, options) }, print);
      if (!isSucceeded) {
        throw new UsageError('the payment did not succeed');
      }
    });
  addListenCommand(program);
}

async function signRequest(
  method: string,
  path: string,
  options: JsonOption & KeyOptions & { body: string },
): Promise<void> {
  if (options.body === '-' && options.secretKeyFile === '-') {
    throw new UsageError('--body and --secret-key-file cannot both be read from standard input');
  }
  const config = loadConfig();
  const keys = await requireKeys(config, options);
  const body = options.body === '-' ? await readInput() : options.body;
  const request = { method: method.toUpperCase(), path, body };
  const authorization = authorizationHeader(keys, request, systemClock.now());
  printResult(options, { authorization }, authorization);
  if (process.stdout.isTTY && !options.json) {
    printAside(`For ${request.method} ${await findGatewayUrl(config, undefined)}${path}`);
  }
}

async function demoKeys(config: Config, options: KeyOptions) {
  const keys = await readKeys(config, options);
  if (keys) {
    return keys;
  }
  if (config.payPay.baseUrl !== undefined) {
    throw new UsageError(
      `${MISSING_KEYS}; only where the sandbox replaces PayPay does the demo merchant have a key`,
    );
  }
  return (
    (await findDemoKeys(config.dataDir)) ??
    (await withDatabase(config, async (db) =>
      ensureDemoKeys({ db, clock: await openClock(db) }, config.dataDir),
    ))
  );
}
