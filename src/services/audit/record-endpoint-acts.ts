/**
 * Acts on webhook endpoints in the audit log.
 */
import type { Act, ActContext, ActType } from '../../domain/audit/act.ts';
import { type Difference, differenceOf } from '../../domain/audit/difference.ts';
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import type { Db } from '../../store/db/query.ts';
import type { ServiceDeps } from '../deps.ts';
import { describeEndpoint } from './describe.ts';
import { recordAct } from './record-acts.ts';

/** Records an act on an endpoint, in the transaction of the act. */
export function recordEndpointAct(
  deps: Pick<ServiceDeps, 'clock'>,
  trx: Db,
  by: ActContext,
  endpoint: Pick<WebhookEndpoint, 'id' | 'merchantId'>,
  act: Pick<Act, 'type' | 'before' | 'after'>,
): Promise<void> {
  const { id: objectId, merchantId } = endpoint;
  return recordAct(deps, trx, { ...by, ...act, objectType: 'webhook_endpoint', objectId, merchantId });
}

/** Records what was changed of an endpoint's settings, if anything was. */
export async function recordEndpointChange(
  deps: Pick<ServiceDeps, 'clock'>,
  trx: Db,
  by: ActContext,
  before: WebhookEndpoint,
  after: WebhookEndpoint,
): Promise<void> {
  const difference = differenceOf(describeEndpoint(before), describeEndpoint(after));
  if (difference) {
    await recordEndpointAct(deps, trx, by, after, { type: changeType(difference, after), ...difference });
  }
}

/** A change of nothing but the status has its own name. */
function changeType({ after }: Difference, { status }: WebhookEndpoint): ActType {
  const isStatusOnly = Object.keys(after).every((name) => name === 'status');
  return isStatusOnly ? `webhook_endpoint.${status}` : 'webhook_endpoint.updated';
}
