/**
 * Text as PostgreSQL can store it.
 */

/** Replaces lone surrogates and NUL, for which PostgreSQL rejects the whole statement, by replacement characters. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
