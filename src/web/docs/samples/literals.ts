/**
 * JSON values as they are written in the languages of the samples.
 */

/** How a language writes what is not a number or a string. */
export interface Notation {
  readonly object: readonly [open: string, close: string];
  readonly entry: (name: string, value: string) => string;
  readonly constants: Readonly<Record<'true' | 'false' | 'null', string>>;
  readonly emptyObject: string;
  readonly string: (text: string) => string;
  /** Spaces of one level. */
  readonly indent: number;
}

/** A value over several lines; only lists of strings and numbers are on one line. */
export function writeLiteral(value: unknown, notation: Notation, level = 0): string {
  if (typeof value === 'string') {
    return notation.string(value);
  }
  if (typeof value !== 'object' || value === null) {
    const text = JSON.stringify(value);
    return text === 'true' || text === 'false' || text === 'null' ? notation.constants[text] : text;
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : notation.object;
  const items = Array.isArray(value)
    ? value.map((item) => writeLiteral(item, notation, level + 1))
    : Object.entries(value).map(([name, item]) =>
        notation.entry(name, writeLiteral(item, notation, level + 1)),
      );
  if (items.length === 0) {
    return Array.isArray(value) ? '[]' : notation.emptyObject;
  }
  const isShort = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  if (isShort) {
    return `${open}${items.join(', ')}${close}`;
  }
  const space = ' '.repeat(notation.indent * (level + 1));
  return `${open}\n${items.map((item) => `${space}${item},\n`).join('')}${' '.repeat(notation.indent * level)}${close}`;
}

/** Indented JSON, but with lists of strings or numbers on one line. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /\[\n\s+((?:"[^"\n]*"|[\d.]+)(?:,\n\s+(?:"[^"\n]*"|[\d.]+))*)\n\s+\]/g,
    (_, entries: string) => `[${entries.replaceAll(/\n\s+/g, ' ')}]`,
  );
}

/** Between single quotes, for languages in which only these and the backslash have a meaning there. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (character) => `\\${character}`).replaceAll('\n', '\\n')}'`;
}

/** Moves all lines but the first to the right. */
export function indentRest(text: string, spaces: string): string {
  return text.replaceAll('\n', `\n${spaces}`);
}
