import { expect, test } from 'vitest';
import { newRequestId, randomAlphanumerics } from '../../src/lib/ids.ts';
import { drawBytes } from '../../src/lib/random.ts';

/** More than the pools hold, so that every test crosses a refill. */
const MANY = 500;

test('random strings have the given length, only letters and digits, and do not repeat', () => {
  const texts = Array.from({ length: MANY }, () => randomAlphanumerics(32));
  for (const text of texts) {
    expect(text).toMatch(/^[A-Za-z0-9]{32}$/);
  }
  expect(new Set(texts).size).toBe(MANY);
});

test('all letters and digits are equally frequent', () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 248; n += 1) {
    for (const character of randomAlphanumerics(1_000)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(62);
  // 4,000 of each are expected, ± 63. With a biased modulo eight of them would occur 4,844 times.
  for (const count of counts.values()) {
    expect(Math.abs(count - 4_000)).toBeLessThan(400);
  }
});

test('random bytes do not repeat, even across a refill, and are not changed by later draws', () => {
  const first = drawBytes(12);
  const copy = Buffer.from(first);
  const all = Array.from({ length: MANY }, () => drawBytes(12).toString('hex'));
  expect(new Set([...all, copy.toString('hex')]).size).toBe(MANY + 1);
  expect(first.equals(copy)).toBe(true);
  expect(all.filter((text) => text.includes('0000000000'))).toEqual([]);
});

test('drawing more than the pool holds is an error', () => {
  expect(() => drawBytes(5_000)).toThrow(RangeError);
  expect(() => randomAlphanumerics(5_000)).toThrow(RangeError);
});

test('request ids are unique and do not reveal the number of requests', () => {
  const ids = Array.from({ length: MANY }, newRequestId);
  expect(new Set(ids).size).toBe(MANY);
  for (const id of ids) {
    expect(id).toMatch(/^req_[\w-]{20}$/);
  }
  // Consecutive ids share only their prefix.
  for (const [n, id] of ids.entries()) {
    expect(id.slice(4, 12)).not.toBe(ids[n + 1]?.slice(4, 12));
  }
});
