/**
 * The languages of the console, and texts in both. Each page has its texts in a file of its own.
 */

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Texts that are complete in both languages, or do not compile. */
export function inBoth<T>(texts: { readonly en: T; readonly ja: NoInfer<T> }): (language: Language) => T {
  return (language) => texts[language];
}

export function isLanguage(text: string | undefined): text is Language {
  return text === 'en' || text === 'ja';
}
