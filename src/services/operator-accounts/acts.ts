/**
 * What the audit log keeps of acts on operators, and from where they were done.
 */
import type { Actor, ActType, Json } from '../../domain/audit/act.ts';
import type { Grant } from '../../domain/operators/grants.ts';
import type { Db } from '../../store/db/query.ts';
import { recordAct } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';

/** Where a request comes from. */
export interface ActOrigin {
  readonly clientAddress?: string | undefined;
  readonly requestId?: string | undefined;
}

/** Who does something to an operator, and why. */
export interface OperatorAct extends ActOrigin {
  readonly actor: Actor;
  readonly reason?: string | undefined;
}

/** Call it last in the transaction. */
export function recordOperatorAct(
  deps: Pick<ServiceDeps, 'clock'>,
  trx: Db,
  act: OperatorAct,
  type: ActType,
  operatorId: string,
  change: { readonly before?: Json; readonly after?: Json } = {},
): Promise<void> {
  const { actor, reason, clientAddress, requestId } = act;
  const common = { actor, type, objectType: 'operator', objectId: operatorId, reason, ...change };
  return recordAct(deps, trx, { ...common, clientAddress, requestId });
}

/** An act of an operator on their own account. */
export function byThemselves(operatorId: string, origin: ActOrigin): OperatorAct {
  const { clientAddress, requestId } = origin;
  return { actor: { kind: 'operator', id: operatorId }, clientAddress, requestId };
}

export function grantsJson(grants: readonly Grant[]): Json {
  return grants.map(({ role, merchantId, storeId, maxRefundAmount }) => ({
    role,
    ...(merchantId !== undefined && { merchant_id: merchantId }),
    ...(storeId !== undefined && { store_id: storeId }),
    ...(maxRefundAmount !== undefined && { max_refund_amount: maxRefundAmount }),
  }));
}
