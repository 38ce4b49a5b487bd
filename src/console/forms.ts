/**
 * Reads the fields of forms.
 */
import { DomainError } from '../domain/errors.ts';
import { storableText } from '../lib/text.ts';
import { formTexts } from '../web/console/texts/forms.ts';
import type { Language } from '../web/console/texts/language.ts';

/** Two, because many words of Japanese have two characters. */
const MIN_REASON = 2;
const MAX_REASON = 500;

/** A path of the console; `/` for anything else, so that nobody is led to another site. */
export function localPath(text: string | null): string {
  return text !== null && /^\/(?![/\\])[^\\\s]*$/.test(text) ? text : '/';
}

/** Fields without characters that the database could neither store nor find. */
export function storableValues(fields: URLSearchParams): URLSearchParams {
  return new URLSearchParams(
    [...fields].map(([name, value]): [string, string] => [name, storableText(value)]),
  );
}

/** The trimmed value of a field; undefined when it is empty. */
export function field(form: URLSearchParams, name: string): string | undefined {
  return form.get(name)?.trim() || undefined;
}

/** The reason of an act. @throws invalid_request when there is none */
export function requireReason(form: URLSearchParams, language: Language): string {
  const reason = field(form, 'reason') ?? '';
  if (reason.length < MIN_REASON || reason.length > MAX_REASON) {
    throw new DomainError('invalid_request', formTexts(language).reasonMissing);
  }
  return reason;
}

/** What the act before this page has done, as the redirect to it says: a word that has a text; undefined for any other. */
export function doneOf<Done extends string>(
  query: URLSearchParams,
  texts: Readonly<Record<Done, unknown>>,
): Done | undefined {
  const word = query.get('done') ?? '';
  return Object.hasOwn(texts, word) ? (word as Done) : undefined;
}
