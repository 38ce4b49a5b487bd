/**
 * What is kept of a response: the beginning of its body, and how long it asks to wait.
 */

const MAX_EXCERPT_BYTES = 512;
const utf8 = new TextEncoder();
/** Control characters but tab and line feed, and those that change the direction of the text around them. */
const UNSAFE = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** No retry waits longer, so a greater value would make no difference. */
const MAX_RETRY_AFTER_SECONDS = 31_536_000;

/** At most 512 bytes of a body as text, cut between characters, without control characters. */
export function excerptOf(body: Uint8Array): string {
  // With `stream`, the bytes of a character that is cut in half are dropped instead of becoming U+FFFD.
  const text = new TextDecoder().decode(body, { stream: true }).replace(UNSAFE, '');
  const { read } = utf8.encodeInto(text, new Uint8Array(MAX_EXCERPT_BYTES));
  return text.slice(0, read);
}

/** The header Retry-After, in seconds or as a date, which is a time of the real clock. Undefined when absent or malformed. */
export function retryAfterSeconds(header: string | string[] | undefined, now: Date): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : secondsUntil(text, now);
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
}

function secondsUntil(text: string, now: Date): number | undefined {
  // Date.parse accepts much that is not an HTTP date, such as "-5".
  const moment = /^[A-Z][a-z]{2,8}, .+ GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.ceil((moment - now.getTime()) / 1_000);
}
