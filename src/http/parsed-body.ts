/**
 * Parses the body of a request as JSON.
 */
import { isUtf8 } from 'node:buffer';

/** The result of parsing a body as JSON. */
export type ParsedBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'malformed' }
  /** Not UTF-8. Lenient decoding would turn different bytes into the same text. */
  | { readonly kind: 'undecodable' };

/** Parses the raw body, whatever its Content-Type. */
export function parseBody(rawBody: Buffer): ParsedBody {
  if (rawBody.length === 0) {
    return { kind: 'none' };
  }
  if (!isUtf8(rawBody)) {
    return { kind: 'undecodable' };
  }
  try {
    return { kind: 'json', value: JSON.parse(rawBody.toString('utf8')) };
  } catch {
    return { kind: 'malformed' };
  }
}
