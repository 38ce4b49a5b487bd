import { describe, expect, it } from 'vitest';
import { decideUpdate } from '../../src/domain/attempt-updates.ts';
import { merchantEventOf } from '../../src/domain/merchant-events.ts';
import type { AttemptUpdate, Payment, PaymentAttempt, PaymentIntent } from '../../src/domain/payment.ts';
import {
  decideCancel,
  decideCapture,
  decideConfirm,
  decideExpire,
} from '../../src/domain/payment-machine.ts';

const START = new Date('2026-01-15T10:00:00Z');
const at = (seconds: number) => new Date(START.getTime() + seconds * 1000);

const INTENT: PaymentIntent = {
  id: 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
  merchantId: 'm',
  merchantStoreId: undefined,
  merchantTerminalId: undefined,
  merchantRefId: 'r',
  description: undefined,
  returnUrl: undefined,
  amount: 1000,
  currency: 'JPY',
  paymentMethodTypes: ['qr_mpm', 'cash'],
  status: 'requires_payment_method',
  paymentMethodType: undefined,
  providerPaymentId: undefined,
  amountCaptured: undefined,
  amountRefunded: 0,
  lastPaymentError: undefined,
  createdAt: START,
  expiresAt: at(1800),
  succeededAt: undefined,
  cancelledAt: undefined,
  expiredAt: undefined,
};
const CONFIRM = {
  paymentMethodType: 'qr_mpm' as const,
  carriedOut: ['qr_mpm'] as const,
  attempt: { id: 'pa_1', provider: 'PAYPAY' as const, providerMerchantId: 'p' },
};
const CODE = { codeId: '04-a', qrContent: 'https://qr/1', deeplink: undefined, expiresAt: at(300) };
const MONEY = { amount: 1000, currency: 'JPY' };
const REASON = { code: 'timeout', message: 'no answer' };

/** Applies the steps to a new payment and returns the events that the merchant receives. */
function eventsOf(
  ...steps: ((payment: Payment) => { change?: unknown; kind?: string } | undefined)[]
): string[] {
  let payment: Payment = { intent: INTENT, attempts: [] };
  const types: string[] = [];
  for (const step of steps) {
    const decision = step(payment) as { change?: Parameters<typeof merchantEventOf>[1] } | undefined;
    if (!decision?.change) {
      throw new Error('a step changed nothing');
    }
    const type = merchantEventOf(payment, decision.change);
    types.push(...(type ? [type] : []));
    payment = decision.change.payment;
  }
  return types;
}

const confirmed = (payment: Payment) => decideConfirm(payment, CONFIRM, at(1));
const updated =
  (update: AttemptUpdate, seconds = 2) =>
  (payment: Payment) => {
    const [attempt] = payment.attempts as [PaymentAttempt];
    const change = decideUpdate(payment, attempt.id, update, at(seconds));
    return change && { change };
  };
const shown = updated({ type: 'code_created', code: CODE });

describe('the events of a payment', () => {
  it('are requires_action and succeeded when a payer pays', () => {
    const found = { providerPaymentId: 'pp-1', money: MONEY, paidAt: at(60) };
    expect(eventsOf(confirmed, shown, updated({ type: 'payment_found', found }, 61))).toEqual([
      'payment_intent.requires_action',
      'payment_intent.succeeded',
    ]);
  });

  it('include processing once while the outcome of a call is unknown, whatever the reasons', () => {
    const other = { code: 'server_error', message: 'failed' };
    expect(
      eventsOf(
        confirmed,
        updated({ type: 'create_unanswered', reason: REASON }),
        updated({ type: 'create_unanswered', reason: other }),
        shown,
      ),
    ).toEqual(['payment_intent.processing', 'payment_intent.requires_action']);
  });

  it('include payment_failed when the provider refuses, and when the code expires', () => {
    expect(eventsOf(confirmed, updated({ type: 'code_refused', reason: REASON }))).toEqual([
      'payment_intent.payment_failed',
    ]);
    expect(eventsOf(confirmed, shown, updated({ type: 'unpaid', deletion: 'done' }, 400))).toEqual([
      'payment_intent.requires_action',
      'payment_intent.payment_failed',
    ]);
  });

  it('do not include payment_failed when a code is withdrawn to cancel or to take cash', () => {
    const withdrawn = updated({ type: 'unpaid', deletion: 'done' }, 20);
    expect(eventsOf(confirmed, shown, withdrawn, (payment) => decideCancel(payment, at(21)))).toEqual([
      'payment_intent.requires_action',
      'payment_intent.cancelled',
    ]);
    const capture = (payment: Payment) => decideCapture(payment, { amount: undefined }, at(21));
    expect(eventsOf(confirmed, shown, withdrawn, capture)).toEqual([
      'payment_intent.requires_action',
      'payment_intent.succeeded',
    ]);
  });

  it('are expired, and succeeded afterwards when the payer had paid in time', () => {
    const found = { providerPaymentId: 'pp-1', money: MONEY, paidAt: at(1700), paidAtOurTime: at(1700) };
    expect(
      eventsOf(
        confirmed,
        shown,
        updated({ type: 'unpaid', deletion: 'done' }, 1750),
        (payment) => decideExpire(payment, at(1800)),
        updated({ type: 'payment_found', found }, 1900),
      ),
    ).toEqual([
      'payment_intent.requires_action',
      'payment_intent.payment_failed',
      'payment_intent.expired',
      'payment_intent.succeeded',
    ]);
  });
});
