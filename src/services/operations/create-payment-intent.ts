/**
 * createPaymentIntent: a new intent to collect an amount for one order.
 */
import { findShopUrlFault } from '../../domain/checkout/shop-url.ts';
import { type DomainError, invalidField } from '../../domain/errors.ts';
import { currencyUnsupported } from '../../domain/method-refusals.ts';
import type { PaymentIntent, PaymentMethodType } from '../../domain/payment.ts';
import { sha256 } from '../../lib/hash.ts';
import { newId, randomAlphanumerics, timeOfId } from '../../lib/ids.ts';
import { insertPaymentIntent, type NewPaymentIntent } from '../../store/new-payment-intents.ts';
import type { ServiceDeps } from '../deps.ts';
import { payableMethods } from '../payable-methods.ts';

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
  readonly returnUrl: string | undefined;
  /** The contract's default when undefined. */
  readonly expiresInMinutes: number | undefined;
}

const TOKEN_LENGTH = 32;
const EXPIRES_IN_MINUTES = 30;
const RETURN_URL = { path: 'return_url', label: 'Return url' };

export interface CreatedPaymentIntent {
  readonly intent: PaymentIntent;
  /** Only its SHA-256 is stored, so it cannot be shown again. */
  readonly paymentToken: string;
  /** What is left to do: with an Idempotency-Key it is stored in one statement with key and response. */
  readonly creates: NewPaymentIntent;
}

/**
 * Builds the intent without storing it; {@link storePaymentIntent} or the idempotency layer stores `creates`.
 * @throws invalid_request when a payment method is repeated, none can be paid in the currency, or the payer cannot be led
 * back to the return URL
 */
export function createPaymentIntent(
  deps: Pick<ServiceDeps, 'clock' | 'isSandbox' | 'providers'>,
  command: CreatePaymentIntent,
): CreatedPaymentIntent {
  requireUniqueMethods(command.paymentMethodTypes);
  const { paymentMethodTypes: types, currency } = command;
  if (payableMethods(deps.providers, types, currency).length === 0) {
    throw currencyUnsupported(currency, types);
  }
  requireReturnUrl(command.returnUrl, deps.isSandbox);
  const intent = newIntent(command, deps.clock.now());
  const paymentToken = `${intent.id}_secret_${randomAlphanumerics(TOKEN_LENGTH)}`;
  const creates = { intent, paymentTokenHash: sha256(paymentToken), actor: command.actor };
  return { intent, paymentToken, creates };
}

/** @throws invalid_request when the store is not one of the merchant's */
export async function storePaymentIntent(deps: ServiceDeps, creates: NewPaymentIntent): Promise<void> {
  if (!(await insertPaymentIntent(deps.db, creates))) {
    throw unknownStore();
  }
  deps.metrics.intentMoved('none', creates.intent.status);
}

/** The refusal of a store that is not one of the merchant's. */
export function unknownStore(): DomainError {
  return invalidField(
    'merchant_store_id',
    'unknown_store',
    'Merchant store id must be a store of this merchant',
  );
}

/** Checked here and not by the contract, because generators turn `uniqueItems` into a set, which has no stable order. */
function requireUniqueMethods(methods: readonly PaymentMethodType[]): void {
  if (new Set(methods).size < methods.length) {
    throw invalidField(
      'payment_method_types',
      'unique',
      'Payment method types must not contain an item twice',
    );
  }
}

function requireReturnUrl(returnUrl: string | undefined, isSandbox: boolean): void {
  const fault = returnUrl === undefined ? undefined : findShopUrlFault(RETURN_URL, returnUrl, isSandbox);
  if (fault) {
    throw fault;
  }
}

function newIntent(command: CreatePaymentIntent, now: Date): PaymentIntent {
  const id = newId('pi', now);
  // The time that is in the id, so that sorting by id and by time gives the same order.
  const createdAt = timeOfId(id);
  return {
    id,
    merchantId: command.merchantId,
    merchantStoreId: command.merchantStoreId,
    merchantTerminalId: command.merchantTerminalId,
    merchantRefId: command.merchantRefId,
    description: command.description,
    returnUrl: command.returnUrl,
    amount: command.amount,
    currency: command.currency,
    paymentMethodTypes: command.paymentMethodTypes,
    status: 'requires_payment_method',
    paymentMethodType: undefined,
    providerPaymentId: undefined,
    amountCaptured: undefined,
    amountRefunded: 0,
    lastPaymentError: undefined,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + (command.expiresInMinutes ?? EXPIRES_IN_MINUTES) * 60_000),
    succeededAt: undefined,
    cancelledAt: undefined,
    expiredAt: undefined,
  };
}
