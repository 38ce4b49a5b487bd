/**
 * The provider account of a payment: the store's active configuration, or without a store the merchant's only active
 * one.
 */
import { DomainError, invalidField } from '../../domain/errors.ts';
import type { AttemptProvider, PaymentIntent } from '../../domain/payment.ts';
import { listActiveCredentials } from '../../store/merchants.ts';
import type { ServiceDeps } from '../deps.ts';
import { credentialsPlace } from '../encryption/places.ts';

/**
 * @returns how the provider knows the merchant
 * @throws invalid_request when there is no such configuration, or more than one without a store to tell which
 */
export async function findProcessorAccount(
  deps: ServiceDeps,
  intent: PaymentIntent,
  provider: AttemptProvider,
): Promise<string> {
  const { merchantId, merchantStoreId } = intent;
  const [sealed, another] = await listActiveCredentials(deps.db, merchantId, merchantStoreId, provider);
  if (sealed === undefined) {
    const whose = merchantStoreId === undefined ? 'this merchant' : `the store ${merchantStoreId}`;
    throw invalidField('provider', 'not_configured', `Provider ${provider} is not active for ${whose}`);
  }
  if (another !== undefined) {
    throw invalidField(
      'provider',
      'ambiguous',
      `Provider ${provider} is active with several accounts; create the PaymentIntent with a merchant_store_id`,
    );
  }
  const place = credentialsPlace([merchantId, sealed.storeId, provider]);
  const credentials: unknown = JSON.parse(deps.crypt.open(sealed.credentials, place));
  const account = (credentials as { merchant_id?: unknown }).merchant_id;
  if (typeof account !== 'string') {
    throw new DomainError('internal_error', 'The stored credentials are not readable');
  }
  return account;
}
