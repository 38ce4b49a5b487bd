/**
 * The page's security headers: no resources from other origins, nothing inline but the known style, no caching, and no
 * Referer, which would contain the token.
 */
import { sha256 } from '../../lib/hash.ts';

/**
 * @param frameAncestors origins that may embed the page in a frame
 * @param style the page's inline style, if it has one
 */
export function pageHeaders(frameAncestors: readonly string[], style?: string): Record<string, string> {
  const hash = style === undefined ? '' : ` 'sha256-${sha256(style).toString('base64')}'`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${hash}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors.length > 0 ? frameAncestors.join(' ') : "'none'"}`,
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex',
  };
}
