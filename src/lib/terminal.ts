/**
 * What the commands have in common: printing for people or as JSON, and errors about how they were called.
 */

/** Said by a command about how it was called; shown as one line. */
export class UsageError extends Error {}

export interface JsonOption {
  readonly json?: boolean;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints for people where standard output belongs to another program. */
export function printAside(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints a result as one line of JSON, or as text for people. */
export function printResult({ json }: JsonOption, value: unknown, text: string): void {
  print(json ? JSON.stringify(value) : text);
}

/** Rows of words, aligned in columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** All of standard input. */
export async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
