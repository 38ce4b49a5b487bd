import { expect, test } from 'vitest';
import { newRequestId, randomAlphanumerics } from '../../src/lib/ids.ts';
import { drawBytes } from '../../src/lib/random.ts';

/** More than the pools hold, so that every test crosses the place where they are filled anew. */
const MANY = 500;

test('random texts have the length asked for, letters and digits alone, and none comes twice', () => {
  const texts = Array.from({ length: MANY }, () => randomAlphanumerics(32));
  for (const text of texts) {
    expect(text).toMatch(/^[A-Za-z0-9]{32}$/);
  }
  expect(new Set(texts).size).toBe(MANY);
});

test('every letter and digit comes about as often as any other', () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 248; n += 1) {
    for (const character of randomAlphanumerics(1_000)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(62);
  // 4,000 of each are expected, give or take 63. Without care for the last bytes eight of them would come 4,844 times.
  for (const count of counts.values()) {
    expect(Math.abs(count - 4_000)).toBeLessThan(400);
  }
});

test('random bytes are not those of a draw before, also across a refill, and stay when others are drawn', () => {
  const first = drawBytes(12);
  const copy = Buffer.from(first);
  const all = Array.from({ length: MANY }, () => drawBytes(12).toString('hex'));
  expect(new Set([...all, copy.toString('hex')]).size).toBe(MANY + 1);
  expect(first.equals(copy)).toBe(true);
  expect(all.filter((text) => text.includes('0000000000'))).toEqual([]);
});

test('asking for more at once than there is, is an error and not less of it', () => {
  expect(() => drawBytes(5_000)).toThrow(RangeError);
  expect(() => randomAlphanumerics(5_000)).toThrow(RangeError);
});

test('no two requests of a process have the same id, and none tells how many there were', () => {
  const ids = Array.from({ length: MANY }, newRequestId);
  expect(new Set(ids).size).toBe(MANY);
  for (const id of ids) {
    expect(id).toMatch(/^req_[\w-]{20}$/);
  }
  // One by one they have nothing in common but their prefix.
  for (const [n, id] of ids.entries()) {
    expect(id.slice(4, 12)).not.toBe(ids[n + 1]?.slice(4, 12));
  }
});
