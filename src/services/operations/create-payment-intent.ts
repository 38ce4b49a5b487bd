/**
 * createPaymentIntent: stores the wish to collect an amount for one order.
 */
import { type DomainError, invalidField } from '../../domain/errors.ts';
import type { PaymentIntent, PaymentMethodType } from '../../domain/payment.ts';
import { sha256 } from '../../lib/encryption.ts';
import { newId, randomAlphanumerics, timeOfId } from '../../lib/ids.ts';
import { insertPaymentIntent, type NewPaymentIntent } from '../../store/new-payment-intents.ts';
import type { ServiceDeps } from '../deps.ts';

export interface CreatePaymentIntent {
  readonly merchantId: string;
  readonly actor: string;
  readonly amount: number;
  readonly currency: string;
  readonly paymentMethodTypes: readonly PaymentMethodType[];
  readonly merchantRefId: string;
  readonly merchantStoreId: string | undefined;
  readonly merchantTerminalId: string | undefined;
  readonly description: string | undefined;
  /** The contract's default when undefined. */
  readonly expiresInMinutes: number | undefined;
}

const TOKEN_LENGTH = 32;
const EXPIRES_IN_MINUTES = 30;

/**
 * @returns the intent and its payment_token, which is not kept (only its SHA-256) and cannot be shown again
 * @throws invalid_request when the store is not one of the merchant's
 */
export async function createPaymentIntent(
  deps: ServiceDeps,
  command: CreatePaymentIntent,
): Promise<{ intent: PaymentIntent; paymentToken: string }> {
  const intent = newIntent(command, deps.clock.now());
  const paymentToken = `${intent.id}_secret_${randomAlphanumerics(TOKEN_LENGTH)}`;
  const made = { intent, paymentTokenHash: sha256(paymentToken), actor: command.actor };
  if (deps.keepMade) {
    deps.keepMade(made);
  } else {
    await storePaymentIntent(deps, made);
  }
  return { intent, paymentToken };
}

async function storePaymentIntent(deps: ServiceDeps, made: NewPaymentIntent): Promise<void> {
  if (!(await insertPaymentIntent(deps.db, made))) {
    throw unknownStore();
  }
  deps.metrics.intentMoved('none', made.intent.status);
}

/** The refusal of a store that is not one of the merchant's. */
export function unknownStore(): DomainError {
  return invalidField(
    'merchant_store_id',
    'unknown_store',
    'Merchant store id must be a store of this merchant',
  );
}

function newIntent(command: CreatePaymentIntent, now: Date): PaymentIntent {
  const id = newId('pi', now);
  // The time in the id, so that lists by id and by time are the same list.
  const createdAt = timeOfId(id);
  return {
    id,
    merchantId: command.merchantId,
    merchantStoreId: command.merchantStoreId,
    merchantTerminalId: command.merchantTerminalId,
    merchantRefId: command.merchantRefId,
    description: command.description,
    amount: command.amount,
    currency: command.currency,
    paymentMethodTypes: command.paymentMethodTypes,
    status: 'requires_payment_method',
    paymentMethodType: undefined,
    amountCaptured: undefined,
    lastPaymentError: undefined,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + (command.expiresInMinutes ?? EXPIRES_IN_MINUTES) * 60_000),
    succeededAt: undefined,
    cancelledAt: undefined,
    expiredAt: undefined,
  };
}
