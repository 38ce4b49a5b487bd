/**
 * Text in PayPay's fields, all of which hold 255 or less. PayPay's documents do not say of what. UTF-16 units are counted:
 * no text has fewer of them than characters, so what fits by this count fits by the other, and PayPay does not refuse a
 * payment because of its description.
 */

const MAX_UNITS = 255;
const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' });

/**
 * The beginning of the text that fits, cut between grapheme clusters, so that neither half a character nor a person
 * without their family is left. Undefined when nothing fits.
 */
export function fitText(text: string): string | undefined {
  if (text.length <= MAX_UNITS) {
    return text;
  }
  // The cluster at the first unit that does not fit begins where the text has to end.
  const end = graphemes.segment(text).containing(MAX_UNITS)?.index;
  return end ? text.slice(0, end) : undefined;
}

/** Properties for a request's body: each text as far as it fits, without those that are absent. */
export function textFields<K extends string>(
  texts: Readonly<Record<K, string | undefined>>,
): Partial<Record<K, string>> {
  const entries = Object.entries<string | undefined>(texts).map(
    ([name, text]) => [name, text === undefined ? undefined : fitText(text)] as const,
  );
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined)) as Partial<Record<K, string>>;
}
