/**
 * Who is calling, as far as the security handlers found out.
 */
import { DomainError } from '../domain/errors.ts';
import type { Payment } from '../domain/payment.ts';
import type { ApiKey } from '../store/api-keys.ts';

export type Caller =
  | { readonly kind: 'api_key'; readonly key: ApiKey }
  | {
      readonly kind: 'payer';
      readonly intentId: string;
      readonly merchantId: string;
      /** As it was read to check the token, in this request. */
      readonly payment: Payment;
    }
  | { readonly kind: 'provider' }
  | { readonly kind: 'anyone' };

/** Whose request this is, when it is a merchant's or a payer's. */
export function merchantIdOf(caller: Caller): string | undefined {
  if (caller.kind === 'api_key') {
    return caller.key.merchantId;
  }
  return caller.kind === 'payer' ? caller.merchantId : undefined;
}

/** @throws forbidden when nobody's merchant is calling, which the security handlers should not let happen */
export function requireMerchantId(caller: Caller): string {
  const merchantId = merchantIdOf(caller);
  if (merchantId === undefined) {
    throw new DomainError('forbidden', 'This operation is for merchants');
  }
  return merchantId;
}

/** The name of the caller in payment events. */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case 'api_key':
      return `api_key:${caller.key.apiKey}`;
    case 'payer':
      return 'payer';
    default:
      return caller.kind;
  }
}

/** Within which idempotency keys of this caller are unique. */
export function idempotencyScopeOf(caller: Caller): string {
  switch (caller.kind) {
    case 'api_key':
      return `api_key:${caller.key.apiKey}`;
    case 'payer':
      return `intent:${caller.intentId}`;
    default:
      return caller.kind;
  }
}
