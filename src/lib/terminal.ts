/**
 * Terminal helpers of the commands: output as text or JSON, input, and usage errors.
 */
import { stripVTControlCharacters } from 'node:util';

/** A command was called incorrectly; its message is printed as one line. */
export class UsageError extends Error {}

export interface JsonOption {
  readonly json?: boolean;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints to standard error, for messages to people while standard output is read by a program. */
export function printAside(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints a result as one line of JSON or as text. */
export function printResult({ json }: JsonOption, value: unknown, text: string): void {
  print(json ? JSON.stringify(value) : text);
}

/** Text rows aligned in columns; the cells may have colours. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

/** All of standard input. */
export async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
