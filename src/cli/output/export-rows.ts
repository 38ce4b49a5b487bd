/**
 * Writes many rows as CSV or JSON lines, to standard output or a file, in constant memory.
 */
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../../lib/terminal.ts';

export type ExportFormat = 'csv' | 'jsonl';

/** @throws UsageError when there is no such format */
export function readFormat(text: string): ExportFormat {
  if (text !== 'csv' && text !== 'jsonl') {
    throw new UsageError('--format takes csv or jsonl');
  }
  return text;
}

/** @param output a file; undefined: standard output */
export async function writeRows<Row>(
  rows: AsyncIterable<Row>,
  writer: Writer<Row>,
  output: string | undefined,
): Promise<void> {
  await (output === undefined ? writeToOutput(rows, writer) : writeToFile(rows, writer, output));
}

type Writer<Row> = (rows: AsyncIterable<Row>) => AsyncIterable<string>;

export async function* writeJsonLines(rows: AsyncIterable<object>): AsyncIterable<string> {
  for await (const row of rows) {
    yield `${JSON.stringify(row)}\n`;
  }
}

async function writeToOutput<Row>(rows: AsyncIterable<Row>, writer: Writer<Row>): Promise<void> {
  await pipeline(rows, writer, process.stdout, { end: false }).catch((error: { code?: unknown }) => {
    // The reader, for example `head`, has seen enough.
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}

/** The file has its name only when it is complete. Others may not read it, because it is about money. */
async function writeToFile<Row>(rows: AsyncIterable<Row>, writer: Writer<Row>, file: string): Promise<void> {
  // Of this process alone: a file that is there already belongs to somebody else.
  const part = `${file}.${process.pid}.part`;
  try {
    await pipeline(rows, writer, createWriteStream(part, { mode: 0o600, flags: 'wx' }));
    await rename(part, file);
  } catch (error) {
    if (!isFileError(error) || error.code !== 'EEXIST') {
      await rm(part, { force: true });
    }
    throw isFileError(error) ? new UsageError(`--output ${file} cannot be written: ${error.code}`) : error;
  }
}

/** @throws UsageError when there is a file with this name */
export async function refuseExisting(file: string): Promise<void> {
  if (await stat(file).catch(() => undefined)) {
    throw new UsageError(`--output ${file} exists already: remove it, or choose another name`);
  }
}

function isFileError(error: unknown): error is { readonly code: string; readonly syscall: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && 'path' in error;
}
