/**
 * HTML as a tagged template: every text put into it is escaped, only `Html` goes in as it is. No page of the gateway is
 * made any other way.
 */
import escapeHtml from 'escape-html';

/** Markup that is safe to put into a page. */
export class Html {
  readonly text: string;

  /** @param text markup of our own making, never a text from outside */
  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Html | false | undefined | readonly HtmlValue[];

/** Markup with values in it: texts are escaped, lists are joined, `false` and `undefined` are nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    strings.map((string, index) => string + (index < values.length ? render(values[index]) : '')).join(''),
  );
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(render).join('') : escapeHtml(String(value));
}
