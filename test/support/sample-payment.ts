/**
 * An unpaid PaymentIntent and a shop without branding, for tests and pictures that render pages without a database.
 */
import type { Branding } from '../../src/domain/branding.ts';
import type { PaymentIntent } from '../../src/domain/payment.ts';

const MINUTES_30_MS = 1_800_000;

export const NO_BRANDING: Branding = {
  displayName: undefined,
  logoPath: undefined,
  accentColor: undefined,
  supportPhone: undefined,
  supportEmail: undefined,
};

/** @param fields what differs from an intent that was created just now */
export function sampleIntent(now: Date, fields: Partial<PaymentIntent>): PaymentIntent {
  return {
    id: 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
    merchantId: 'merchant_001',
    merchantStoreId: 'store_001',
    merchantTerminalId: undefined,
    merchantRefId: 'order_1',
    description: undefined,
    returnUrl: undefined,
    amount: 1_000,
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm'],
    status: 'requires_payment_method',
    paymentMethodType: undefined,
    providerPaymentId: undefined,
    amountCaptured: undefined,
    amountRefunded: 0,
    lastPaymentError: undefined,
    createdAt: now,
    expiresAt: new Date(now.getTime() + MINUTES_30_MS),
    succeededAt: undefined,
    cancelledAt: undefined,
    expiredAt: undefined,
    ...fields,
  };
}
