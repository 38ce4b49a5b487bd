/**
 * A request after routing and before validation: what the security handlers may read.
 */
import { isUtf8 } from 'node:buffer';
import type { RawWebhook } from '../providers/provider.ts';
import type { AppContext } from './state.ts';

export interface RoutedRequest {
  readonly path: Readonly<Record<string, string | undefined>>;
  /** From the query or the body; undefined when there is none. */
  readonly paymentToken: string | undefined;
}

/** The body parsed as JSON, if it is JSON. */
export type ParsedBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'malformed' }
  /** Not UTF-8. Lenient decoding would turn different bytes into the same text. */
  | { readonly kind: 'undecodable' };

/** Parses the raw body, whatever its Content-Type. */
export function parseBody(rawBody: Buffer): ParsedBody {
  if (rawBody.length === 0) {
    return { kind: 'none' };
  }
  if (!isUtf8(rawBody)) {
    return { kind: 'undecodable' };
  }
  try {
    return { kind: 'json', value: JSON.parse(rawBody.toString('utf8')) };
  } catch {
    return { kind: 'malformed' };
  }
}

/** The payment_token of a request: in the query of GET, in the body of POST; the query serves POST as well. */
export function paymentTokenOf(
  query: Readonly<Record<string, unknown>>,
  body: ParsedBody,
): string | undefined {
  const value = body.kind === 'json' ? body.value : undefined;
  const inBody =
    typeof value === 'object' && value !== null && 'payment_token' in value ? value.payment_token : undefined;
  const token = inBody ?? query['payment_token'];
  return typeof token === 'string' ? token : undefined;
}

/** The request as a provider's message: raw bytes, headers, and the peer of the connection. */
export function rawWebhookOf(ctx: AppContext): RawWebhook {
  return { headers: ctx.request.headers, body: ctx.state.rawBody, peerAddress: ctx.req.socket.remoteAddress };
}
