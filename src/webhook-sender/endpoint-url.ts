/**
 * What the URL of an endpoint must look like. Nothing is resolved here.
 */
import { isIP } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';
import type { UrlFault } from './sender.ts';

const MAX_LENGTH = 2_048;
const PORTS: readonly string[] = ['443', '8443'];
const LOCALHOST = 'localhost';

/** Host name or address, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

export function portOf(url: URL): string {
  return url.port || (url.protocol === 'http:' ? '80' : '443');
}

/**
 * The URL, or why it cannot be an endpoint.
 * @param allowsLoopback also allows http, and any port of this machine: where payments are simulated
 */
export function parseEndpointUrl(text: string, allowsLoopback: boolean): URL | UrlFault {
  // URL removes spaces and line breaks and repairs slashes, so what it would repair is refused first.
  const isPlain = text.length <= MAX_LENGTH && /^https?:\/\/[^/\s\\\p{Cc}][^\s\\\p{Cc}]*$/iu.test(text);
  const url = isPlain && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.hostname.endsWith('.')) {
    return {
      constraint: 'url',
      message: `Enter an absolute URL of at most ${MAX_LENGTH} characters, such as https://shop.example/path, whose host name does not end with a dot`,
    };
  }
  return findFault(text, url, allowsLoopback) ?? url;
}

function findFault(text: string, url: URL, allowsLoopback: boolean): UrlFault | undefined {
  const host = hostOf(url);
  const isOwn = allowsLoopback && (host === LOCALHOST || isLoopbackAddress(host));
  if (url.protocol !== 'https:' && !allowsLoopback) {
    return { constraint: 'https', message: 'Use https, because events are confidential' };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      constraint: 'credentials',
      message: 'Remove the user name and password from the URL, and verify the signature instead',
    };
  }
  if (text.includes('#')) {
    return { constraint: 'fragment', message: 'Remove the part after #, because it is never sent' };
  }
  const port = portOf(url);
  if (!isOwn && !PORTS.includes(port) && !(url.protocol === 'http:' && port === '80')) {
    return { constraint: 'port', message: 'Use port 443 or 8443' };
  }
  const isRefused = host === LOCALHOST || (isIP(host) !== 0 && !isPublicAddress(host));
  return isRefused && !isOwn ? notPublic() : undefined;
}

/** The fault of a host that is, or resolves to, an address that is not public. */
export function notPublic(): UrlFault {
  return {
    constraint: 'public_address',
    message: 'Use a host that can be reached from the Internet: all of its addresses must be public',
  };
}
