/**
 * Parses the body of a request as JSON.
 */
import { isUtf8 } from 'node:buffer';
import { storableText } from '../lib/text.ts';

/** The result of parsing a body as JSON. */
export type ParsedBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'malformed' }
  /** Not UTF-8. Lenient decoding would turn different bytes into the same text. */
  | { readonly kind: 'undecodable' };

/** Escapes of characters that cannot be stored: NUL, and surrogates, which may be alone. */
const ODD_ESCAPE = /\\u(?:0000|d[89a-f])/i;

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
    return { kind: 'json', value: JSON.parse(text, ODD_ESCAPE.test(text) ? toStorable : undefined) };
  } catch {
    return { kind: 'malformed' };
  }
}

function toStorable(_: string, value: unknown): unknown {
  return typeof value === 'string' ? storableText(value) : value;
}
