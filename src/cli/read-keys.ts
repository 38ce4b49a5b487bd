/**
 * The merchant's keys of a command that makes requests as the merchant's server: from its options, else from the environment.
 */
import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { readInput, UsageError } from '../lib/terminal.ts';

export interface KeyOptions {
  readonly apiKey?: string;
  readonly secretKey?: string;
  readonly secretKeyFile?: string;
}

export const SECRET_KEY =
  'the secret key; prefer the other ways, because every user of this machine can read arguments';
export const SECRET_KEY_FILE = 'a file with the secret key; "-" reads it from standard input';

export const MISSING_KEYS = 'set PGW_API_KEY and PGW_SECRET_KEY, or give --api-key and --secret-key-file';

/** @returns undefined when one is missing */
export async function readKeys({ client }: Config, options: KeyOptions) {
  const { secretKeyFile } = options;
  const read =
    secretKeyFile === undefined ? undefined : await readSecretFile('--secret-key-file', secretKeyFile);
  const apiKey = options.apiKey ?? client.apiKey;
  const secretKey = read ?? options.secretKey ?? client.secretKey;
  return apiKey === undefined || secretKey === undefined ? undefined : { apiKey, secretKey };
}

/** @throws UsageError when one is missing */
export async function requireKeys(config: Config, options: KeyOptions) {
  const keys = await readKeys(config, options);
  if (!keys) {
    throw new UsageError(MISSING_KEYS);
  }
  return keys;
}

/** @throws UsageError when the file given by this option cannot be read or is empty */
export async function readSecretFile(option: string, file: string): Promise<string> {
  const content = await (file === '-' ? readInput() : readFile(file)).catch((error: { code?: unknown }) => {
    throw new UsageError(`${option} ${file} cannot be read: ${String(error.code)}`);
  });
  const secret = content.toString('utf8').trim();
  if (secret === '') {
    throw new UsageError(`${option} ${file} is empty`);
  }
  return secret;
}
