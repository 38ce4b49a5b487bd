/**
 * Keeps API keys that are limited to stores to these, for all operations: the table of operations has a rule for each that
 * accepts keys of merchants. The rule is applied before the operation runs, and before a response that is stored under an
 * Idempotency-Key is replayed, because another key of the merchant may have made it.
 */
import type { components } from '../../../generated/openapi.d.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import {
  type OwnStores,
  requireObjectOfStores,
  requireOwnStore,
  requireOwnStores,
} from '../../services/keys/require-stores.ts';
import type { Caller } from '../caller.ts';
import type { Maybe } from '../rate-limits/counters.ts';

/** What the request names, as the validator has accepted it. */
interface Named {
  readonly params: unknown;
  readonly requestBody?: unknown;
}

type Check = (deps: ServiceDeps, named: Named, stores: OwnStores) => Maybe<void>;

const CHECKS = {
  /** No API key of a merchant is accepted. */
  not_for_merchants: () => undefined,
  /** The operation lists, and its statement finds only what belongs to the stores: its handler passes `storesOf(caller)` on. */
  filters_list: () => undefined,
  names_payment_intent: objectInPath('payment_intent'),
  names_refund: objectInPath('refund'),
  names_event: objectInPath('event'),
  names_webhook_endpoint: objectInPath('webhook_endpoint'),
  names_webhook_delivery: objectInPath('webhook_delivery'),
  creates_payment_intent: (_, { requestBody }, stores) =>
    requireOwnStore((requestBody as Schema<'CreatePaymentIntentRequest'>).merchant_store_id, stores),
  creates_refund: ({ db }, { requestBody }, stores) => {
    const { payment_intent_id: intentId } = requestBody as Schema<'CreateRefundRequest'>;
    return requireObjectOfStores(db, 'payment_intent', intentId, stores);
  },
  creates_webhook_endpoint: (_, { requestBody }, stores) =>
    requireOwnStores((requestBody as Schema<'CreateWebhookEndpointRequest'>).merchant_store_ids, stores),
  changes_webhook_endpoint: async (deps, named, stores) => {
    await CHECKS.names_webhook_endpoint(deps, named, stores);
    const { merchant_store_ids: storeIds } = named.requestBody as Schema<'UpdateWebhookEndpointRequest'>;
    if (storeIds !== undefined) {
      requireOwnStores(storeIds, stores);
    }
  },
} satisfies Record<string, Check>;

export type StoreRule = keyof typeof CHECKS;

type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

function objectInPath(kind: Parameters<typeof requireObjectOfStores>[1]): Check {
  return ({ db }, { params }, stores) =>
    requireObjectOfStores(db, kind, (params as { readonly id: string }).id, stores);
}

/**
 * Applies the rule of the operation, if the caller's key is limited to stores.
 * @throws not_found, invalid_request
 */
export function keepToStores(deps: ServiceDeps, caller: Caller, rule: StoreRule, named: Named): Maybe<void> {
  if (caller.kind !== 'api_key' || caller.key.storeIds === undefined) {
    return undefined;
  }
  const { merchantId = '', storeIds } = caller.key;
  return CHECKS[rule](deps, named, { merchantId, storeIds });
}
