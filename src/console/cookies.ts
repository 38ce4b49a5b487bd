/**
 * Cookies of the console. On https their names begin with `__Host-`, so that no other host can set them.
 */
import type { CookieToSet } from './call.ts';
import type { ConsoleOptions } from './options.ts';

export const SESSION_COOKIE = 'pgw_op';
export const LANGUAGE_COOKIE = 'pgw_language';

function isSecure({ url }: Pick<ConsoleOptions, 'url'>): boolean {
  return url.startsWith('https:');
}

export function sessionCookieName(options: Pick<ConsoleOptions, 'url'>): string {
  return cookieName(options, SESSION_COOKIE);
}

function cookieName(options: Pick<ConsoleOptions, 'url'>, name: string): string {
  return isSecure(options) ? `__Host-${name}` : name;
}

/** The value of a cookie in the header of a request; of several with one name, the first. */
export function readCookie(header: string, name: string): string | undefined {
  const pair = header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/** @param cookie whose value has only letters, digits, `-` and `_` */
export function cookieHeader(options: Pick<ConsoleOptions, 'url'>, cookie: CookieToSet): string {
  const { name, value = '', sameSite, maxAgeSeconds } = cookie;
  const age = cookie.value === undefined ? 0 : maxAgeSeconds;
  return [
    `${cookieName(options, name)}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${sameSite === 'lax' ? 'Lax' : 'Strict'}`,
    ...(isSecure(options) ? ['Secure'] : []),
    ...(age === undefined ? [] : [`Max-Age=${age}`]),
  ].join('; ');
}

export function readNamedCookie(
  options: Pick<ConsoleOptions, 'url'>,
  header: string,
  name: string,
): string | undefined {
  return readCookie(header, cookieName(options, name));
}
