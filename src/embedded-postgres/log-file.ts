/**
 * Keeps the log of the embedded server small. The server holds the file open for as long as it runs and appends to it, so
 * the file is emptied in place, after its end was kept beside it.
 */
import { open, stat, truncate, writeFile } from 'node:fs/promises';

const LIMIT_BYTES = 10_000_000;
const KEPT_BYTES = 1_000_000;

/** Empties the log if it has become too large; its end is then in a file of the same name with `.1`. */
export async function limitLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= LIMIT_BYTES) {
    return;
  }
  await writeFile(`${file}.1`, await readEnd(file, size), { mode: 0o600 });
  await truncate(file);
}

async function readEnd(file: string, size: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const end = Buffer.alloc(KEPT_BYTES);
    const { bytesRead } = await handle.read(end, 0, KEPT_BYTES, size - KEPT_BYTES);
    return end.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
