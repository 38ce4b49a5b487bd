/**
 * The places that sealed values are bound to, so that a value that was copied to another row does not open there.
 */
import type { SealedPlace } from '../../lib/encryption.ts';
import type { RowKey } from '../../store/encryption/sealed-values.ts';
import type { KeyId } from '../../store/idempotency-keys.ts';

export const CHECK_PLACE: SealedPlace = {
  column: 'encryption_check.fingerprint_key',
  row: [],
  formerContext: '',
};

/** @param key merchant, store, provider */
export function credentialsPlace(key: RowKey): SealedPlace {
  return {
    column: 'payment_processor_configs.credentials',
    row: key,
    formerContext: 'payment_processor_configs.credentials',
  };
}

/** @param row scope, operation, key */
export function responsePlaceOf([scope = '', operation = '', key = '']: RowKey): SealedPlace {
  return responsePlace({ scope, operation, key });
}

/** @param row the id of the endpoint */
export function webhookSecretsPlaceOf([endpointId = '']: RowKey): SealedPlace {
  return webhookSecretsPlace(endpointId);
}

/** The place of the signing keys of a webhook endpoint. */
export function webhookSecretsPlace(endpointId: string): SealedPlace {
  return { column: 'webhook_endpoints.secrets', row: [endpointId], formerContext: '' };
}

/** The place of the response stored under an Idempotency-Key. */
export function responsePlace({ scope, operation, key }: KeyId): SealedPlace {
  return {
    column: 'idempotency_keys.response_body',
    row: [scope, operation, key],
    formerContext: `idempotency_keys ${scope} ${operation} ${key}`,
  };
}
