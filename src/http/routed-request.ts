/**
 * Reads from a request what the security handlers need before validation.
 */
import type { RawWebhook } from '../providers/provider.ts';
import type { AppContext } from './state.ts';

/** The payment_token from the body or, if there is none, from the query. */
export function paymentTokenOf({ request, state }: AppContext): string | undefined {
  const body = state.parsedBody;
  const value = body.kind === 'json' ? body.value : undefined;
  const inBody =
    typeof value === 'object' && value !== null && 'payment_token' in value ? value.payment_token : undefined;
  const token = inBody ?? request.query['payment_token'];
  return typeof token === 'string' ? token : undefined;
}

/** The request as a webhook: raw body, headers and client address. */
export function rawWebhookOf({ request, state }: AppContext): RawWebhook {
  return { headers: request.headers, body: state.rawBody, peerAddress: state.clientAddress };
}
