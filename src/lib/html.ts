/**
 * HTML templates. `html` escapes every value that is not itself HTML made here, so text from a merchant can never
 * become markup.
 */
import escapeHtml from 'escape-html';

/** Markup that is safe to output. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | undefined | false | readonly Value[];

/** A template whose values are escaped; `undefined` and `false` render as nothing, lists item by item. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  const parts = strings.map((text, index) => text + (index < values.length ? render(values[index]) : ''));
  return new Html(parts.join(''));
}

function render(value: Value): string {
  if (value === undefined || value === false) {
    return '';
  }
  if (value instanceof Html) {
    return value.text;
  }
  return typeof value === 'object' ? value.map(render).join('') : escapeHtml(String(value));
}
