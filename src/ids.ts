/**
 * Ids: a prefix that says what it is, and a ULID. Within one process ids grow strictly, also within a millisecond, so
 * that "newest first" by id is the order of creation.
 */
import { randomInt } from 'node:crypto';
import { decodeTime, encodeTime, monotonicFactory } from 'ulid';

export type IdPrefix = 'pi' | 'pa' | 're' | 'req';

/** A clock that is put back by more than this is believed: ids follow it, at the price of their order. */
const STEP_BACK_MS = 1_000;
let nextUlid = monotonicFactory();
let latestMs = 0;
const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_PATTERN = /^(pi|pa|re)_[0-9A-HJKMNP-TV-Z]{26}$/;

/** A new id, for example `pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q`. */
export function newId(prefix: IdPrefix, now: Date): string {
  const nowMs = now.getTime();
  if (nowMs < latestMs - STEP_BACK_MS) nextUlid = monotonicFactory();
  latestMs = nowMs;
  return `${prefix}_${nextUlid(nowMs)}`;
}

/** Whether this can be an id with that prefix; what cannot is never looked up. */
export function isId(prefix: 'pi' | 'pa' | 're', value: string): boolean {
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

/** Random characters of [A-Za-z0-9]; 32 of them carry 190 bits. */
export function randomAlphanumerics(length: number): string {
  return Array.from({ length }, () => ALPHANUMERICS[randomInt(ALPHANUMERICS.length)]).join('');
}
