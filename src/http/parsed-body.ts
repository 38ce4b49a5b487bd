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

/** The escape of a surrogate, which may be alone. */
const SURROGATE = /\\ud[89a-f]/i;

/** Parses the raw body, whatever its Content-Type. Texts are as they can be stored, so that a response shows what is. */
export function parseBody(rawBody: Buffer): ParsedBody {
  if (rawBody.length === 0) {
    return { kind: 'none' };
  }
  if (!isUtf8(rawBody)) {
    return { kind: 'undecodable' };
  }
  try {
    const text = rawBody.toString('utf8');
    return { kind: 'json', value: JSON.parse(text, SURROGATE.test(text) ? toWellFormed : undefined) };
  } catch {
    return { kind: 'malformed' };
  }
}

/** As the database stores it, which has no lone surrogates. */
function toWellFormed(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}
