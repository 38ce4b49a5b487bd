/**
 * rotateWebhookSecret: a new signing key, beside which the previous ones sign until the overlap ends.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { invalidField } from '../../../domain/errors.ts';
import { inTransaction } from '../../../store/db/query.ts';
import { replaceSealedKeys } from '../../../store/webhooks/endpoints.ts';
import { describeSigningKeys } from '../../audit/describe.ts';
import { recordEndpointAct } from '../../audit/record-endpoint-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import {
  type EndpointWithSecret,
  getLockedEndpoint,
  readableKeys,
  showWithSecret,
} from '../../webhooks/endpoints.ts';
import { rotatedKeys, sealSigningKeys } from '../../webhooks/signing-keys.ts';

/** Each key adds a signature to every request. */
const MAX_KEYS = 10;

export interface RotateWebhookSecret {
  readonly merchantId: string;
  readonly endpointId: string;
  readonly overlapSeconds: number;
}

/** @throws not_found, invalid_request when too many keys would sign */
export function rotateWebhookSecret(
  deps: ServiceDeps,
  by: ActContext,
  { merchantId, endpointId, overlapSeconds }: RotateWebhookSecret,
): Promise<EndpointWithSecret> {
  return inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now();
    const stored = await getLockedEndpoint(trx, endpointId, merchantId);
    const { endpoint } = stored;
    const replaced = readableKeys(deps, endpointId, stored.sealedKeys);
    const keys = rotatedKeys(replaced, endpoint.signature, now, overlapSeconds);
    if (keys.length > MAX_KEYS) {
      const message = `At most ${MAX_KEYS} keys sign at once; wait until an overlap ends, or rotate with overlap_seconds 0`;
      throw invalidField('overlap_seconds', 'max_items', message);
    }
    await replaceSealedKeys(trx, endpointId, sealSigningKeys(deps, endpointId, keys), now);
    await recordEndpointAct(deps, trx, by, endpoint, {
      type: 'webhook_endpoint.secret_rotated',
      before: describeSigningKeys(deps.crypt, replaced),
      after: describeSigningKeys(deps.crypt, keys),
    });
    return showWithSecret(deps, { ...endpoint, updatedAt: now }, keys);
  });
}
