/**
 * Limits the size of the embedded server's log. The server keeps the file open and appends to it, so the file is truncated
 * in place after its last part was copied to a second file.
 */
import { open, stat, truncate, writeFile } from 'node:fs/promises';

const LIMIT_BYTES = 10_000_000;
const KEPT_BYTES = 1_000_000;

/** Truncates the log if it has become too large. Its last part is kept in a file of the same name with the suffix `.1`. */
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
