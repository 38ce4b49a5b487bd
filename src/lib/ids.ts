/**
 * Ids: a prefix for the type, and a ULID. Within one process ids increase strictly, even within a millisecond, so that
 * sorting by id is sorting by creation. Request ids are cheaper random strings, because nothing is stored under them.
 */
import { decodeTime, encodeTime, monotonicFactory } from 'ulid';
import { drawByte, drawBytes } from './random.ts';

export type IdPrefix = 'pi' | 'pa' | 're' | 'evt' | 'we' | 'wd' | 'op';

/** If the clock is set back by more than this, ids follow it and lose their order. */
const STEP_BACK_MS = 1_000;
/** Random characters, drawn in bulk. Slices of a buffer, because strings built by concatenation are slow to read. */
const characters = Buffer.alloc(4_096);
let usedCharacters = characters.length;
let nextUlid = monotonicFactory(randomFraction);
let latestMs = 0;
const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_PATTERN = /^(pi|pa|re|evt|we|wd|op)_[0-9A-HJKMNP-TV-Z]{26}$/;

/** A new id, for example `pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q`. */
export function newId(prefix: IdPrefix, now: Date): string {
  const nowMs = now.getTime();
  if (nowMs < latestMs - STEP_BACK_MS) {
    nextUlid = monotonicFactory(randomFraction);
  }
  latestMs = nowMs;
  return `${prefix}_${nextUlid(nowMs)}`;
}

/** Random text for many request ids. They are not secret, so it need not be wiped. */
let drawn = '';
let usedOfDrawn = 0;
const REQUEST_ID_LENGTH = 20;

/** A new request id of 120 random bits. Not a counter, which would reveal the number of requests. */
export function newRequestId(): string {
  if (usedOfDrawn + REQUEST_ID_LENGTH > drawn.length) {
    drawn = drawBytes(3_000).toString('base64url');
    usedOfDrawn = 0;
  }
  usedOfDrawn += REQUEST_ID_LENGTH;
  return `req_${drawn.slice(usedOfDrawn - REQUEST_ID_LENGTH, usedOfDrawn)}`;
}

/** Whether `value` is a well-formed id with that prefix; anything else is never looked up. */
export function isId(prefix: IdPrefix, value: string): boolean {
  return value.startsWith(`${prefix}_`) && ID_PATTERN.test(value);
}

/** When the id was created. */
export function timeOfId(id: string): Date {
  return new Date(decodeTime(id.slice(id.indexOf('_') + 1)));
}

/** The smallest id with that prefix created at or after `moment`. */
export function firstIdAt(prefix: IdPrefix, moment: Date): string {
  const time = Math.min(Math.max(moment.getTime(), 0), 2 ** 48 - 1);
  return `${prefix}_${encodeTime(time, 10)}${'0'.repeat(16)}`;
}

/** The ids of a page: from `idFrom` on, inclusive, and below `idBelow`. Ids sort by creation time. */
export interface IdBounds {
  readonly idFrom: string | undefined;
  readonly idBelow: string | undefined;
}

/**
 * The bounds of a page of a list, newest first.
 * @param page `createdFrom` is inclusive, `createdTo` exclusive; the page begins after the id `startingAfter`
 */
export function idBounds(
  prefix: IdPrefix,
  page: {
    readonly createdFrom: Date | undefined;
    readonly createdTo: Date | undefined;
    readonly startingAfter: string | undefined;
  },
): IdBounds {
  const { createdFrom, createdTo, startingAfter } = page;
  const [idBelow] = [createdTo && firstIdAt(prefix, createdTo), startingAfter]
    .filter((id) => id !== undefined)
    .sort();
  return { idFrom: createdFrom && firstIdAt(prefix, createdFrom), idBelow };
}

/**
 * Random characters of [A-Za-z0-9]; 32 of them carry 190 bits.
 * @throws RangeError for more than 4,096
 */
export function randomAlphanumerics(length: number): string {
  if (length > characters.length) {
    throw new RangeError(`cannot draw ${length} random characters at once`);
  }
  if (usedCharacters + length > characters.length) {
    drawCharacters();
  }
  const text = characters.toString('latin1', usedCharacters, usedCharacters + length);
  // Wiped, because the caller may use the characters as a secret.
  characters.fill(0, usedCharacters, usedCharacters + length);
  usedCharacters += length;
  return text;
}

function drawCharacters(): void {
  for (let n = 0; n < characters.length; ) {
    const byte = drawByte();
    // Above the last whole multiple of 62, because the modulo would favour some characters.
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
