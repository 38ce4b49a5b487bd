/**
 * Japan Standard Time for PayPay's windows and webhooks. Japan has no daylight saving time, so a fixed offset is exact
 * and no time zone database is needed. Pure functions over epoch milliseconds.
 */

const HOUR_MS = 3_600_000;
const JST_OFFSET_MS = 9 * HOUR_MS;
const DAY_MS = 86_400_000;

/** Start of the Japanese calendar day that contains `at`, plus `days`. */
export function startOfJstDay(at: number, days = 0): number {
  const day = Math.floor((at + JST_OFFSET_MS) / DAY_MS) + days;
  return day * DAY_MS - JST_OFFSET_MS;
}

/**
 * First moment at which a payment can no longer be cancelled. Cancelling is possible until 00:14:59 JST of the day
 * after completion (PayPay OPA Dynamic QR document, "Cancel the payment").
 */
export function cancelWindowEnd(completedAt: number): number {
  return startOfJstDay(completedAt, 1) + 15 * 60_000;
}

/** First moment at which refunds are refused. They are possible until 23:59:59 JST of the 365th day after payment. */
export function refundWindowEnd(completedAt: number): number {
  return startOfJstDay(completedAt, 366);
}

/**
 * Whether the time of day in Japan is from one whole hour (inclusive) to another (exclusive), over midnight if the
 * first is the later. Never, if both are the same.
 */
export function isInJstHours(at: number, fromHour: number, toHour: number): boolean {
  const hour = (at - startOfJstDay(at)) / HOUR_MS;
  return fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
}

/** `2026-01-01T12:34:56+09:00`, the format of times in PayPay's production webhooks. */
export function formatJst(at: number): string {
  return `${new Date(at + JST_OFFSET_MS).toISOString().slice(0, 19)}+09:00`;
}
