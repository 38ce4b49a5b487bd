/**
 * The language of a page: the one chosen before, else the one that the browser prefers.
 */
import { isLanguage, LANGUAGES, type Language } from '../web/console/texts/language.ts';
import { LANGUAGE_COOKIE, readNamedCookie } from './cookies.ts';
import type { ConsoleOptions } from './options.ts';
import type { ConsoleContext } from './state.ts';

export function languageOf(options: ConsoleOptions, ctx: ConsoleContext): Language {
  const chosen = readNamedCookie(options, ctx.get('Cookie'), LANGUAGE_COOKIE);
  if (isLanguage(chosen)) {
    return chosen;
  }
  const accepted = ctx.acceptsLanguages([...LANGUAGES]);
  return isLanguage(accepted || undefined) ? (accepted as Language) : 'en';
}
