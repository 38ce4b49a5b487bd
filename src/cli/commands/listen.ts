/**
 * `pgw listen`: delivers a merchant's events to a receiver on the developer's machine, which the gateway cannot reach.
 */
import type { Command } from 'commander';
import { loadConfig } from '../../config.ts';
import { systemClock } from '../../lib/clock.ts';
import { print, printAside, UsageError } from '../../lib/terminal.ts';
import { newSigningKey, SECRET_PREFIX, secretBytes } from '../../lib/webhooks/keys.ts';
import { findGatewayUrl, URL_OPTION } from '../gateway-url.ts';
import { examples } from '../output/examples.ts';
import { type KeyOptions, readSecretFile, requireKeys, SECRET_KEY, SECRET_KEY_FILE } from '../read-keys.ts';
import { forwardEvents } from './forward-events.ts';

/** As Standard Webhooks requires; libraries refuse a shorter one. */
const MIN_SECRET_BYTES = 24;

interface ListenOptions extends KeyOptions {
  readonly forwardTo: string;
  readonly types?: string;
  readonly after?: string;
  readonly secret?: string;
  readonly secretFile?: string;
  readonly url?: string;
}

export function addListenCommand(program: Command): void {
  program
    .command('listen')
    .description('follow the events feed and deliver each event, signed, to a receiver on your machine')
    .requiredOption('--forward-to <url>', 'the receiver, for example http://localhost:3000/webhooks')
    .option('--types <types>', 'only events of these types, separated by commas')
    .option('--after <cursor>', 'begin after this cursor, or with the "oldest" event; by default from now on')
    .option(
      '--secret <whsec>',
      'sign with this secret; prefer --secret-file. By default a new one is printed',
    )
    .option('--secret-file <file>', 'a file with the secret; "-" reads it from standard input')
    .option('--url <url>', URL_OPTION)
    .option('--api-key <key>', "the merchant's API key, or PGW_API_KEY")
    .option('--secret-key <key>', SECRET_KEY)
    .option('--secret-key-file <file>', SECRET_KEY_FILE)
    .addHelpText(
      'after',
      examples(
        'listen --forward-to http://localhost:3000/webhooks',
        'listen --forward-to http://localhost:3000/webhooks --types payment_intent.succeeded --after oldest',
        'listen --forward-to http://localhost:3000/webhooks --secret-file webhook-secret',
      ),
    )
    .action(listen);
}

async function listen(options: ListenOptions): Promise<void> {
  const forwardTo = readReceiver(options.forwardTo);
  if (options.secretFile === '-' && options.secretKeyFile === '-') {
    throw new UsageError('--secret-file and --secret-key-file cannot both be read from standard input');
  }
  const { secretFile } = options;
  const given = secretFile === undefined ? options.secret : await readSecretFile('--secret-file', secretFile);
  const secret = given === undefined ? newSigningKey('hmac') : readSecret(given);
  const config = loadConfig();
  const credentials = await requireKeys(config, options);
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stopped.abort());
  }
  print(`Forwarding events to ${forwardTo}, signed with this secret:`);
  print(secret);
  const cursor = await forwardEvents({
    client: { baseUrl: await findGatewayUrl(config, options.url), credentials },
    forwardTo,
    secret,
    types: options.types?.split(',').map((type) => type.trim()),
    after: options.after,
    signal: stopped.signal,
    clock: systemClock,
    print,
  });
  if (cursor !== undefined) {
    printAside(`Stopped. To continue: --after ${cursor}`);
  }
}

/** @throws UsageError when nothing can be sent to it */
function readReceiver(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--forward-to takes a URL without user and password, such as http://localhost:3000/webhooks',
    );
  }
  return url.href;
}

function readSecret(text: string): string {
  if (
    !text.startsWith(SECRET_PREFIX) ||
    text === SECRET_PREFIX ||
    secretBytes(text).length < MIN_SECRET_BYTES
  ) {
    throw new UsageError(
      `--secret takes ${SECRET_PREFIX} and at least ${MIN_SECRET_BYTES} bytes in base64; without it a new one is made`,
    );
  }
  return text;
}
