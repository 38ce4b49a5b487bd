/**
 * The signing test vectors: the contract shows them; the server and the client, which share no code, both match them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { authorizationOf } from '../../../src/client/sign.ts';
import { authorizationHeader, hashSecretKey, stringToSign } from '../../../src/lib/signing.ts';
import { contract } from '../../support/contract.ts';
import { credentials, hmacKey, vectors } from './vectors.ts';

const schemes = contract.components?.securitySchemes as Record<string, { description: string }> | undefined;
const hmac = schemes?.['hmac'];

describe('the signing test vectors', () => {
  it.each(vectors)('$name: the server and the client create the same signature', async (vector) => {
    const { method, path, timestamp, body } = vector;
    const now = new Date(timestamp * 1000);
    expect(stringToSign({ method, path, timestamp: String(timestamp), body })).toBe(vector.string_to_sign);
    expect(authorizationHeader(credentials, { method, path, body }, now)).toBe(vector.authorization);
    const bytes = new TextEncoder().encode(body).buffer;
    expect(await authorizationOf(credentials, method, path, bytes, now)).toBe(vector.authorization);
  });

  it.each(vectors)('$name: shown in the contract', (vector) => {
    const { method, path, body, string_to_sign } = vector;
    const shown = [
      `${method} ${path}`,
      `  body            ${body || '(none)'}`,
      `  SHA256(body)    ${vector.body_sha256}`,
      `  string to sign  ${string_to_sign.replaceAll('\n', '\\n')}`,
      `  Authorization:  ${vector.authorization}`,
    ].join('\n');
    expect(hmac?.description).toContain(shown);
  });

  it('use the key that the contract shows', () => {
    expect(hashSecretKey(credentials.secretKey)).toBe(hmacKey);
    expect(hmac?.description).toContain(hmacKey);
    expect(hmac?.description).toContain(credentials.secretKey);
    expect(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8')).toContain(
      credentials.apiKey,
    );
  });
});
