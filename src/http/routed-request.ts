/**
 * A request before validation: what the security handlers may read of it.
 */
import type { RawWebhook } from '../providers/provider.ts';
import type { AppContext } from './state.ts';

/** The payment_token of a request, in its query or its body. If both have one, the one in the body counts. */
export function paymentTokenOf({ request, state }: AppContext): string | undefined {
  const body = state.parsedBody;
  const value = body.kind === 'json' ? body.value : undefined;
  const inBody =
    typeof value === 'object' && value !== null && 'payment_token' in value ? value.payment_token : undefined;
  const token = inBody ?? request.query['payment_token'];
  return typeof token === 'string' ? token : undefined;
}

/** The request as a provider's message: raw bytes, headers, and the address it came from. */
export function rawWebhookOf({ request, state }: AppContext): RawWebhook {
  return { headers: request.headers, body: state.rawBody, peerAddress: state.clientAddress };
}
