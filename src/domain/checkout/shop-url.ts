/**
 * URLs of a shop: the page to which payers return, and the logo. The contract has checked that such a URL is in ASCII and begins
 * with http:// or https://.
 */
import { type DomainError, invalidField } from '../errors.ts';

/** URL drops further slashes, reads a backslash as one, and decodes the host, so that it would not be the one that a person sees. */
const PLAIN = /^https?:\/\/[^/\\@%][^\\]*$/i;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The refusal of a URL; undefined when it can be used.
 * @param field `path` of the field in the request, and its name in the message
 * @param isSandbox whether payments are simulated: then http on this machine is allowed, for shops in development
 */
export function findShopUrlFault(
  field: { readonly path: string; readonly label: string },
  text: string,
  isSandbox: boolean,
): DomainError | undefined {
  const fault = (constraint: string, rule: string) =>
    invalidField(field.path, constraint, `${field.label} must ${rule}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !PLAIN.test(text)) {
    return fault('url', 'be an absolute URL, such as https://shop.example.com/orders/1');
  }
  if (url.username !== '' || url.password !== '') {
    return fault('credentials', 'not contain a user name or password');
  }
  if (text.includes('#')) {
    return fault('fragment', 'not have a part after #');
  }
  const isLocal = isSandbox && LOOPBACK.test(url.hostname);
  return url.protocol === 'https:' || isLocal ? undefined : fault('https', 'use https');
}
