/**
 * Reads ENCRYPTION_KEY and ENCRYPTION_KEYS_OLD.
 */
import { ConfigError, type Env, read } from './read.ts';

/** @throws ConfigError when the key is malformed, or missing in production */
export function readEncryptionKey(env: Env, isProduction: boolean): Buffer | undefined {
  const name = 'ENCRYPTION_KEY';
  const text = read(env, name);
  if (text === undefined) {
    if (isProduction) {
      throw new ConfigError(name, 'must be set in production: generate one with openssl rand -base64 32');
    }
    return undefined;
  }
  const key = parseKey(text);
  if (!key) {
    throw new ConfigError(name, 'must be base64 of 32 bytes: generate one with openssl rand -base64 32');
  }
  return key;
}

/** @throws ConfigError when an entry is malformed */
export function readEncryptionKeysOld(env: Env): Buffer[] {
  const name = 'ENCRYPTION_KEYS_OLD';
  const texts = read(env, name)?.split(',') ?? [];
  return texts.map((text, index) => {
    const key = parseKey(text.trim());
    if (!key) {
      throw new ConfigError(
        name,
        `must list earlier keys, each base64 of 32 bytes, separated by commas; entry ${index + 1} is not valid`,
      );
    }
    return key;
  });
}

/** @returns undefined unless the text is base64 of 32 bytes, with or without padding */
function parseKey(text: string): Buffer | undefined {
  const key = Buffer.from(text, 'base64');
  const isExact = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  return key.length === 32 && isExact ? key : undefined;
}
