/**
 * listPaymentIntents: a page of a merchant's intents, newest first.
 */
import type { PaymentIntent, PaymentIntentStatus } from '../../domain/payment.ts';
import { idBounds, isId } from '../../lib/ids.ts';
import { listPaymentIntents as selectPaymentIntents } from '../../store/payment-lists.ts';
import type { ServiceDeps } from '../deps.ts';

export interface ListPaymentIntents {
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  readonly merchantRefId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly status: PaymentIntentStatus | undefined;
  /** Inclusive. */
  readonly createdFrom: Date | undefined;
  /** Exclusive. */
  readonly createdTo: Date | undefined;
  /** The id after which the page begins. */
  readonly startingAfter: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export async function listPaymentIntents(
  deps: ServiceDeps,
  input: ListPaymentIntents,
): Promise<PaymentIntent[]> {
  const { createdFrom, createdTo, startingAfter, ...filter } = input;
  // No intent comes after a value that is not an id.
  if (startingAfter !== undefined && !isId('pi', startingAfter)) {
    return [];
  }
  const bounds = idBounds('pi', { createdFrom, createdTo, startingAfter });
  return selectPaymentIntents(deps.db, { ...filter, ...bounds });
}
