/**
 * Ids: a prefix that says what it is, and a ULID. Within one process ids grow strictly, also within a millisecond, so
 * that "newest first" by id is the order of creation. Ids of requests, which nothing is stored under, are of a cheaper kind.
 */
import { decodeTime, encodeTime, monotonicFactory } from 'ulid';
import { drawByte, drawBytes } from './random.ts';

export type IdPrefix = 'pi' | 'pa' | 're';

/** A clock that is put back by more than this is believed: ids follow it, at the price of their order. */
const STEP_BACK_MS = 1_000;
/** Random characters, taken as slices: a text made of single ones is copied together again by whoever reads it. */
const characters = Buffer.alloc(4_096);
let usedCharacters = characters.length;
let nextUlid = monotonicFactory(randomFraction);
let latestMs = 0;
const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_PATTERN = /^(pi|pa|re)_[0-9A-HJKMNP-TV-Z]{26}$/;

/** A new id, for example `pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q`. */
export function newId(prefix: IdPrefix, now: Date): string {
  const nowMs = now.getTime();
  if (nowMs < latestMs - STEP_BACK_MS) {
    nextUlid = monotonicFactory(randomFraction);
  }
  latestMs = nowMs;
  return `${prefix}_${nextUlid(nowMs)}`;
}

/** For the ids of many requests: they are no secrets, so that this one text may stay in memory with them. */
let drawn = '';
let usedOfDrawn = 0;
const REQUEST_ID_LENGTH = 20;

/** A new id of a request, of 120 random bits; a count would tell everybody how many requests there are. */
export function newRequestId(): string {
  if (usedOfDrawn + REQUEST_ID_LENGTH > drawn.length) {
    drawn = drawBytes(3_000).toString('base64url');
    usedOfDrawn = 0;
  }
  usedOfDrawn += REQUEST_ID_LENGTH;
  return `req_${drawn.slice(usedOfDrawn - REQUEST_ID_LENGTH, usedOfDrawn)}`;
}

/** Whether this can be an id with that prefix; what cannot is never looked up. */
export function isId(prefix: IdPrefix, value: string): boolean {
  return value.startsWith(`${prefix}_`) && ID_PATTERN.test(value);
}

/** When the id was made. */
export function timeOfId(id: string): Date {
  return new Date(decodeTime(id.slice(id.indexOf('_') + 1)));
}

/** The smallest id with that prefix made at or after `moment`. */
export function firstIdAt(prefix: IdPrefix, moment: Date): string {
  const time = Math.min(Math.max(moment.getTime(), 0), 2 ** 48 - 1);
  return `${prefix}_${encodeTime(time, 10)}${'0'.repeat(16)}`;
}

/**
 * Random characters of [A-Za-z0-9]; 32 of them carry 190 bits.
 * @throws RangeError for more than 4,096
 */
export function randomAlphanumerics(length: number): string {
  if (length > characters.length) {
    throw new RangeError(`${length} random characters are too many at once`);
  }
  if (usedCharacters + length > characters.length) {
    drawCharacters();
  }
  const text = characters.toString('latin1', usedCharacters, usedCharacters + length);
  // What was drawn is a secret of whoever drew it.
  characters.fill(0, usedCharacters, usedCharacters + length);
  usedCharacters += length;
  return text;
}

function drawCharacters(): void {
  for (let n = 0; n < characters.length; ) {
    const byte = drawByte();
    // Beyond the last whole multiple of 62, some characters would come more often than others.
    if (byte >= 4 * ALPHANUMERICS.length) {
      continue;
    }
    characters[n] = ALPHANUMERICS.charCodeAt(byte % ALPHANUMERICS.length);
    n += 1;
  }
  usedCharacters = 0;
}

function randomFraction(): number {
  return drawByte() / 256;
}
