/**
 * The headers of every response: nothing from other origins, nothing inline, no frame, no cache.
 */
import type { ConsoleOptions } from '../options.ts';
import type { ConsoleMiddleware } from '../state.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};
const HSTS = 'max-age=31536000';

export function securityHeaders({ url }: ConsoleOptions): ConsoleMiddleware {
  const isSecure = url.startsWith('https:');
  return function securityHeadersMiddleware(ctx, next) {
    ctx.set(HEADERS);
    if (isSecure) {
      ctx.set('Strict-Transport-Security', HSTS);
    }
    return next();
  };
}
