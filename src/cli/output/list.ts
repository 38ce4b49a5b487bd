/**
 * Lists for people: a table with headings and the number of its rows, or one sentence when there are none. With `--json` they
 * are printed for programs, without any of this.
 */
import { styleText } from 'node:util';
import { type JsonOption, printResult, table } from '../../lib/terminal.ts';

export interface Listing {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The name of one row, for example `key`. */
  readonly noun: string;
  /** Printed when there are no rows. */
  readonly none: string;
}

/** Prints the value as JSON, or the list as text. */
export function printList(options: JsonOption, value: unknown, listing: Listing): void {
  printResult(options, value, listText(listing));
}

function listText({ headings, rows, noun, none }: Listing): string {
  if (rows.length === 0) {
    return none;
  }
  const lines = table([headings.map((heading) => styleText('bold', heading)), ...rows]);
  return `${lines}\n\n${count(rows.length, noun)}`;
}

/** `1 key`, `2 keys`, `1,234 keys`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : `${noun}s`}`;
}

/** Text from outside without control characters, which could change what a terminal shows. */
export function printable(text: string | undefined): string {
  return text === undefined ? '-' : text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

const COLORS: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  succeeded: 'green',
  enabled: 'green',
  failed: 'red',
  disabled: 'red',
  suspended: 'yellow',
  pending: 'yellow',
  processing: 'yellow',
  orphaned: 'red',
};

/** A status in its colour, where the output has colours. */
export function statusText(status: string): string {
  const color = COLORS[status];
  return color === undefined ? status : styleText(color, status);
}
