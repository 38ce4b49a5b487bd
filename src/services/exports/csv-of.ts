/**
 * CSV as RFC 4180, with a line of headings; a text that a spreadsheet would run as a formula gets an apostrophe before it.
 */

type Cell = string | number | null;

/** Rows that become text at one time, so that a long file never blocks the process for long. */
const ROWS = 500;

/** @param textOf applied to texts before, for an encoding that lacks characters */
export async function* csvOf<Column extends string>(
  columns: readonly Column[],
  rows: AsyncIterable<Readonly<Record<Column, Cell>>>,
  textOf: (text: string) => string = (text) => text,
): AsyncGenerator<string> {
  // Loaded only here, because little else needs it.
  const { stringify } = await import('csv-stringify/sync');
  const write = (lines: Cell[][]) =>
    stringify(lines, {
      record_delimiter: 'windows',
      escape_formulas: true,
      // A line break of any kind; by itself only one like the delimiter is quoted.
      quoted_match: /[\r\n]/,
    });
  yield write([[...columns]]);
  let lines: Cell[][] = [];
  for await (const row of rows) {
    const cells = columns.map((column) => row[column]);
    lines.push(cells.map((cell) => (typeof cell === 'string' ? textOf(cell) : cell)));
    if (lines.length === ROWS) {
      yield write(lines);
      lines = [];
    }
  }
  if (lines.length > 0) {
    yield write(lines);
  }
}
