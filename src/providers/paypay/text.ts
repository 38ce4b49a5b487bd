/**
 * Text for PayPay's fields, which hold at most 255. PayPay's documents do not name the unit, so UTF-16 units are counted: a
 * text never has fewer of them than characters, so it fits by either count, and PayPay does not refuse a payment because
 * of its description.
 */

const MAX_UNITS = 255;
const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' });

/**
 * The longest beginning of the text that fits, cut between grapheme clusters, so that no character or joined emoji is cut
 * in half. Undefined when nothing fits.
 */
export function fitText(text: string): string | undefined {
  if (text.length <= MAX_UNITS) {
    return text;
  }
  // The text ends where the cluster begins that contains the first unit that does not fit.
  const end = graphemes.segment(text).containing(MAX_UNITS)?.index;
  return end ? text.slice(0, end) : undefined;
}

/** Properties for a request body: each text cut to fit; absent texts are omitted. */
export function textFields<K extends string>(
  texts: Readonly<Record<K, string | undefined>>,
): Partial<Record<K, string>> {
  const entries = Object.entries<string | undefined>(texts).map(
    ([name, text]) => [name, text === undefined ? undefined : fitText(text)] as const,
  );
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined)) as Partial<Record<K, string>>;
}
