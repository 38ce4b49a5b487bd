/**
 * Random bytes from the operating system, drawn in bulk because each draw costs two microseconds, whatever its size.
 * Bytes are wiped from the pool once taken, because the caller may use them as a secret.
 */
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** @throws RangeError for more than 4,096 */
export function drawBytes(length: number): Buffer {
  if (length > pool.length) {
    throw new RangeError(`cannot draw ${length} random bytes at once`);
  }
  if (used + length > pool.length) {
    refill();
  }
  const bytes = Buffer.from(pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}

export function drawByte(): number {
  if (used === pool.length) {
    refill();
  }
  const byte = pool[used] ?? 0;
  pool[used] = 0;
  used += 1;
  return byte;
}

function refill(): void {
  randomFillSync(pool);
  used = 0;
}
