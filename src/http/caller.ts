/**
 * The caller of a request, as the security handlers found it.
 */
import type { ActContext } from '../domain/audit/act.ts';
import { DomainError } from '../domain/errors.ts';
import type { Payment } from '../domain/payment.ts';
import type { Provider } from '../providers/provider.ts';
import type { ApiKey } from '../store/api-keys.ts';

/** Where a request came from. */
export interface RequestSource {
  readonly requestId: string;
  /** The client address; undefined if the connection was already closed. */
  readonly clientAddress: string | undefined;
}

export type Caller =
  | { readonly kind: 'api_key'; readonly key: ApiKey }
  | {
      readonly kind: 'payer';
      readonly intentId: string;
      readonly merchantId: string;
      /** As read in this request to check the token. */
      readonly payment: Payment;
    }
  | { readonly kind: 'provider'; readonly provider: Provider }
  | { readonly kind: 'anyone' };

/** The merchant whose request, or whose payer's request, this is. */
export function merchantIdOf(caller: Caller): string | undefined {
  if (caller.kind === 'api_key') {
    return caller.key.merchantId;
  }
  return caller.kind === 'payer' ? caller.merchantId : undefined;
}

/** @throws forbidden when the caller belongs to no merchant, which the security handlers should not let happen */
export function requireMerchantId(caller: Caller): string {
  const merchantId = merchantIdOf(caller);
  if (merchantId === undefined) {
    throw new DomainError('forbidden', 'This operation is for merchants');
  }
  return merchantId;
}

/** The key of a merchant's server; undefined for a payer. */
export function keyOf(caller: Caller): ApiKey | undefined {
  return caller.kind === 'api_key' ? caller.key : undefined;
}

/** The stores that the caller's key is limited to; undefined: no limit. Lists contain only what belongs to them. */
export function storesOf(caller: Caller): readonly string[] | undefined {
  return keyOf(caller)?.storeIds;
}

/** @throws forbidden when the caller has no sync key; the security handlers have refused such a caller before */
export function requireSyncKey(caller: Caller): { readonly apiKey: string; readonly upstream: string } {
  if (caller.kind !== 'api_key' || caller.key.upstream === undefined) {
    throw new DomainError('forbidden', 'This operation is for upstream systems');
  }
  return { apiKey: caller.key.apiKey, upstream: caller.key.upstream };
}

/** @throws when the caller is not a provider, which the security handlers should not let happen */
export function requireProvider(caller: Caller): Provider {
  if (caller.kind !== 'provider') {
    throw new Error(`a provider should be calling, not ${caller.kind}`);
  }
  return caller.provider;
}

/** Who changes something, for the audit log. @throws forbidden when the caller has no API key */
export function actContextOf(caller: Caller, source: RequestSource): ActContext {
  const key = keyOf(caller);
  if (!key) {
    throw new DomainError('forbidden', 'This operation needs an API key');
  }
  return { actor: { kind: 'api_key', id: key.apiKey }, ...source };
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

/**
 * The scope in which this caller's idempotency keys are unique. It does not depend on the API key, so a retry after a
 * rotation of the key is still recognized.
 */
export function idempotencyScopeOf(caller: Caller): string {
  switch (caller.kind) {
    case 'api_key':
      return scopeOfOwner(caller.key);
    case 'payer':
      return `intent:${caller.intentId}`;
    default:
      return caller.kind;
  }
}

/** The merchant, or for a sync key its upstream system. */
function scopeOfOwner({ merchantId, upstream }: ApiKey): string {
  return upstream === undefined ? `merchant:${merchantId}` : `upstream:${upstream}`;
}

/**
 * The scope that version 0.1.0 used for this caller's idempotency keys. Keys stored under it remain valid until they
 * expire, 24 hours after the last node of that version has stopped. Remove this in the version after the next.
 */
export function formerIdempotencyScopeOf(caller: Caller): string | undefined {
  return caller.kind === 'api_key' ? `api_key:${caller.key.apiKey}` : undefined;
}
