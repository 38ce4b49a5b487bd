/**
 * PaymentIntents as the contract shows them. Optional fields that are unset are absent from the JSON.
 */
import type { components } from '../../generated/openapi.d.ts';
import type { PaymentIntent } from '../domain/payment.ts';
import { amountRefundable } from '../domain/refunds/refund-machine.ts';
import { refundsUntil } from '../domain/refunds/refund-window.ts';
import { presentTimestamp } from './timestamp.ts';

type Schemas = components['schemas'];

/** T with every optional field present; unset ones are undefined. */
type Shown<T> = { [Field in keyof Required<T>]: T[Field] };

export function presentPaymentIntent(intent: PaymentIntent): Schemas['PaymentIntent'] {
  const isPaid = intent.status === 'succeeded';
  const until = refundsUntil(intent);
  // JSON omits undefined fields. One literal is a microsecond faster per response than conditional spreads.
  const shown: Shown<Schemas['PaymentIntent']> = {
    id: intent.id,
    status: intent.status,
    amount: intent.amount,
    currency: intent.currency,
    payment_method_types: [...intent.paymentMethodTypes],
    merchant_ref_id: intent.merchantRefId,
    merchant_store_id: intent.merchantStoreId,
    merchant_terminal_id: intent.merchantTerminalId,
    description: intent.description,
    return_url: intent.returnUrl,
    payment_method_type: intent.paymentMethodType,
    provider_payment_id: intent.providerPaymentId,
    amount_captured: intent.amountCaptured,
    amount_refunded: isPaid ? intent.amountRefunded : undefined,
    amount_refundable: isPaid ? amountRefundable(intent) : undefined,
    refunds_until: until && presentTimestamp(until),
    last_payment_error: intent.lastPaymentError && { ...intent.lastPaymentError },
    created_at: presentTimestamp(intent.createdAt),
    expires_at: presentTimestamp(intent.expiresAt),
    succeeded_at: intent.succeededAt && presentTimestamp(intent.succeededAt),
    cancelled_at: intent.cancelledAt && presentTimestamp(intent.cancelledAt),
    expired_at: intent.expiredAt && presentTimestamp(intent.expiredAt),
  };
  return shown as Schemas['PaymentIntent'];
}
