/**
 * Line breaks in Japanese. Few browsers know where a phrase ends (`word-break: auto-phrase`), and without that they break
 * between any two characters. So the page's own texts mark the ends of their phrases with `|`, and the style sheet allows
 * no other breaks in them.
 */
import { type Html, html } from '../../lib/html.ts';

const MARK = '|';
/** Allows a break where markup is not possible. */
const ZERO_WIDTH_SPACE = '\u200b';

/** The text with its possible line breaks. */
export function breakable(text: string): Html {
  return html`${text.split(MARK).map((phrase, index) => (index === 0 ? phrase : html`<wbr>${phrase}`))}`;
}

/** The same for a text that a script shows. */
export function breakableText(text: string): string {
  return text.replaceAll(MARK, ZERO_WIDTH_SPACE);
}

/** The text without marks. */
export function plain(text: string): string {
  return text.replaceAll(MARK, '');
}
