/**
 * Random numbers with an optional seed, and ids in PayPay's formats made from them. Not for secrets: a run with a seed
 * must produce the same ids again.
 */
import { randomInt } from 'node:crypto';

/** Returns a number from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const DIGITS = '0123456789';
const HEX = '0123456789ABCDEF';
const RANGE = 2 ** 32;

/** With a seed, a repeatable generator (splitmix32); otherwise the system's random numbers. */
export function createRandom(seed?: number): Random {
  if (seed === undefined) {
    return () => randomInt(RANGE) / RANGE;
  }
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / RANGE;
  };
}

/** Format observed in PayPay's own sandbox: `04-` and 16 letters or digits. */
export function makeCodeId(random: Random): string {
  return `04-${pick(random, ALPHANUMERIC, 16)}`;
}

/** PayPay's own payment id: 20 digits starting with 04. */
export function makePaymentId(random: Random): string {
  return `04${pick(random, DIGITS, 18)}`;
}

/** PayPay's own id of a refund made in its console: 20 digits, as its payment ids, unlike any id of a merchant. */
export function makeRefundId(random: Random): string {
  return `09${pick(random, DIGITS, 18)}`;
}

/** Value of the X-REQUEST-ID header: `OPA` and 32 hex digits. */
export function makeRequestId(random: Random): string {
  return `OPA${pick(random, HEX, 32)}`;
}

function pick(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text += alphabet.charAt(Math.floor(random() * alphabet.length));
  }
  return text;
}
