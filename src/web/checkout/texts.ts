/**
 * All texts of the payment page, and the choice of the language.
 */
import { en } from './texts/en.ts';
import { ja } from './texts/ja.ts';
import type { Language, Texts } from './texts/types.ts';

export const TEXTS: Readonly<Record<Language, Texts>> = { ja, en };

/** The page's language for a language tag (`en`, `ja-JP`); undefined when the page does not have it. */
export function languageOf(tag: string | undefined): Language | undefined {
  const name = tag?.split(/[-_]/)[0]?.toLowerCase();
  return name === 'ja' || name === 'en' ? name : undefined;
}

/**
 * The language to show: the first of these that the page has.
 * @param preferred `?lang=`
 * @param accepted Accept-Language, most preferred first; `*` when the browser does not send it
 */
export function chooseLanguage(preferred: string | undefined, accepted: readonly string[]): Language {
  const first = [preferred, ...accepted].map(languageOf).find((language) => language !== undefined);
  // A browser that asks for other languages gets English. One that asks for none is probably in Japan.
  return first ?? (accepted.every((tag) => tag === '*') ? 'ja' : 'en');
}
