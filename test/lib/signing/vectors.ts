/**
 * vectors.json with types. Partners can use the file in their own tests.
 */
import { readFileSync } from 'node:fs';

export interface Vector {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly body: string;
  readonly body_sha256: string;
  readonly string_to_sign: string;
  readonly authorization: string;
}

const file = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as {
  api_key: string;
  secret_key: string;
  hmac_key: string;
  vectors: Vector[];
};

export const credentials = { apiKey: file.api_key, secretKey: file.secret_key };
export const hmacKey = file.hmac_key;
export const vectors: readonly Vector[] = file.vectors;
