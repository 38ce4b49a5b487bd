import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideUpdate } from '../../src/domain/attempt-updates.ts';
import {
  type AttemptUpdate,
  type Change,
  type FoundPayment,
  isLive,
  type Payment,
  type PaymentAttempt,
  type PaymentIntent,
  type PaymentMethodType,
} from '../../src/domain/payment.ts';
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
const FRESH: Payment = { intent: INTENT, attempts: [] };
const INPUT = {
  paymentMethodType: 'qr_mpm' as const,
  carriedOut: ['qr_mpm'] as const,
  attempt: { id: 'pa_1', provider: 'PAYPAY' as const, providerMerchantId: 'p' },
};
const CODE = { codeId: '04-a', qrContent: 'https://qr/1', deeplink: undefined, expiresAt: at(300) };
const FOUND = { providerPaymentId: 'pp-1', money: { amount: 1000, currency: 'JPY' }, paidAt: at(60) };
const REASON = { code: 'timeout', message: 'no answer' };

function changeOf(decision: { kind: string; change?: Change }): Change {
  if (!decision.change) {
    throw new Error(`the decision is ${decision.kind} and not a change`);
  }
  return decision.change;
}

/** Applies updates in order. */
function applyUpdates(payment: Payment, ...updates: AttemptUpdate[]): Payment {
  return updates.reduce(
    (before, update) => decideUpdate(before, 'pa_1', update, at(90))?.payment ?? before,
    payment,
  );
}

const creating = changeOf(decideConfirm(FRESH, INPUT, at(0))).payment;
const live = applyUpdates(creating, { type: 'code_created', code: CODE });
const closing = applyUpdates(live, { type: 'close_begun' });
const abandoning = applyUpdates(creating, { type: 'code_unseen' });
const lapsed = applyUpdates(closing, { type: 'unpaid', deletion: 'done' });
const cancelled = changeOf(decideCancel(lapsed, at(100))).payment;
const captured = changeOf(decideCapture(FRESH, { amount: 400 }, at(100))).payment;
const expired = changeOf(decideExpire(lapsed, at(1800))).payment;
const succeeded = applyUpdates(live, { type: 'payment_found', found: FOUND });

const statusOf = (payment: Payment) => [payment.intent.status, payment.attempts[0]?.status];

describe('the status of the intent and its attempt', () => {
  it.each([
    ['confirm starts an attempt whose code is not known', creating, ['processing', 'creating']],
    ['a code makes the intent payable', live, ['requires_action', 'live']],
    ['closing a code does not end the attempt', closing, ['processing', 'closing']],
    ['a code that was never received is abandoned', abandoning, ['processing', 'abandoning']],
    ['a dead, unpaid code makes the intent confirmable again', lapsed, ['requires_payment_method', 'lapsed']],
    ['a payment ends both', succeeded, ['succeeded', 'succeeded']],
    ['cancel', cancelled, ['cancelled', 'lapsed']],
    ['capture', captured, ['succeeded', undefined]],
    ['expiry', expired, ['expired', 'lapsed']],
  ])('%s', (_, payment, expected) => {
    expect(statusOf(payment)).toEqual(expected);
  });

  it('a failed payment or a lapsed code makes the intent confirmable again and records the reason', () => {
    const failed = applyUpdates(live, {
      type: 'payment_failed',
      reason: { code: 'payment_failed', message: 'no' },
    });
    expect([...statusOf(failed), failed.intent.lastPaymentError?.code]).toEqual([
      'requires_payment_method',
      'failed',
      'payment_failed',
    ]);
    expect(lapsed.intent.lastPaymentError?.code).toBe('code_withdrawn');
    expect(succeeded.intent.lastPaymentError).toBeUndefined();
  });

  it('an unknown outcome changes no status', () => {
    for (const payment of [creating, live, closing, abandoning]) {
      const update: AttemptUpdate =
        payment === creating
          ? { type: 'create_unanswered', reason: REASON }
          : { type: 'status_unreadable', reason: REASON };
      expect(statusOf(applyUpdates(payment, update))).toEqual(statusOf(payment));
    }
  });
});

describe('commands', () => {
  const decisions = (payment: Payment, now = at(100)) => [
    decideConfirm(payment, INPUT, now).kind,
    decideCancel(payment, now).kind,
    decideCapture(payment, { amount: undefined }, now).kind,
  ];
  it.each([
    ['nothing yet', FRESH, ['change', 'change', 'change']],
    ['creating', creating, ['create_code', 'reconcile_first', 'reconcile_first']],
    ['live', live, ['show_code', 'reconcile_first', 'reconcile_first']],
    ['closing', closing, ['reconcile_first', 'reconcile_first', 'reconcile_first']],
    ['abandoning', abandoning, ['reconcile_first', 'reconcile_first', 'reconcile_first']],
    ['lapsed', lapsed, ['change', 'change', 'change']],
    ['succeeded', succeeded, ['refused', 'refused', 'refused']],
    ['cancelled', cancelled, ['refused', 'done', 'refused']],
    ['expired', expired, ['refused', 'refused', 'refused']],
  ])('with an attempt %s: confirm, cancel, capture', (_, payment, expected) => {
    expect(decisions(payment)).toEqual(expected);
  });

  it('a code is shown until a margin before its expiry', () => {
    expect(decideConfirm(live, INPUT, at(289)).kind).toBe('show_code');
    expect(decideConfirm(live, INPUT, at(290)).kind).toBe('reconcile_first');
  });

  it('an intent past its expiry cannot be confirmed, but can still be captured by staff', () => {
    expect(decisions(FRESH, at(1800))).toEqual(['refused', 'change', 'change']);
    expect(decideExpire(FRESH, at(1799)).kind).toBe('done');
    expect(decideExpire(live, at(1800)).kind).toBe('reconcile_first');
  });

  it('refusals name the current and the allowed statuses', () => {
    const decision = decideCancel(succeeded, at(100));
    expect(decision.kind === 'refused' && decision.error.details).toMatchObject({
      field: 'status',
      constraint: 'unexpected_state',
      status: 'succeeded',
      allowed: ['requires_payment_method', 'requires_action', 'processing', 'cancelled'],
    });
  });
});

describe('the method of a confirm', () => {
  const refusal = (types: PaymentIntent['paymentMethodTypes'], paymentMethodType: PaymentMethodType) => {
    const decision = decideConfirm(
      { intent: { ...INTENT, paymentMethodTypes: types }, attempts: [] },
      { ...INPUT, paymentMethodType },
      at(1),
    );
    return decision.kind === 'refused' ? decision.error.details : decision.kind;
  };

  it('is refused when the provider does not carry it out, cash above all', () => {
    const details = { field: 'payment_method_type', constraint: 'unsupported', allowed: ['qr_mpm'] };
    expect(refusal(['qr_mpm', 'cash'], 'cash')).toMatchObject(details);
    expect(refusal(['cash'], 'cash')).toMatchObject(details);
  });

  it('is refused when the intent does not have it, whatever the provider carries out', () => {
    expect(refusal(['cash'], 'qr_mpm')).toMatchObject({ constraint: 'enum', allowed: ['cash'] });
  });
});

describe('a dead code', () => {
  it.each([
    ['deleted', 'done', 90, 'lapsed'],
    ['gone before its expiry', 'not_found', 90, 'lapsed'],
    ['not found around its expiry', 'not_found', 301, 'closing'],
    ['only unpaid so far', 'none', 90, 'closing'],
    ['gone since its expiry, margin included', 'not_found', 310, 'lapsed'],
    ['gone within the margin', 'not_found', 309, 'closing'],
    ["past its expiry by our clock, which PayPay's may be behind", 'none', 429, 'closing'],
    ['unpaid for longer than the clocks can differ', 'none', 430, 'lapsed'],
  ] as const)('%s', (_, deletion, seconds, expected) => {
    const change = decideUpdate(closing, 'pa_1', { type: 'unpaid', deletion }, at(seconds));
    expect(change?.payment.attempts[0]?.status).toBe(expected);
  });
});

describe('a late or duplicate payment', () => {
  const found = (payment: Payment, more: Partial<FoundPayment> = {}) =>
    decideUpdate(payment, 'pa_1', { type: 'payment_found', found: { ...FOUND, ...more } }, at(2000));

  it('is kept while the intent can take it, even for an older code, and closes the newer code', () => {
    const second = { ...INPUT, attempt: { ...INPUT.attempt, id: 'pa_2' } };
    const begun = changeOf(decideConfirm(lapsed, second, at(100))).payment;
    const renewed =
      decideUpdate(begun, 'pa_2', { type: 'code_created', code: CODE }, at(101))?.payment ?? begun;
    const change = found(renewed);
    expect(change?.payment.intent.status).toBe('succeeded');
    expect(change?.payment.attempts.map(({ status }) => status)).toEqual(['succeeded', 'closing']);
    expect(change?.refunds).toEqual([]);
  });

  it('of an expired intent is kept if it was paid in time, and refunded if it was paid later', () => {
    expect(found(expired)?.payment.intent.status).toBe('succeeded');
    const late = found(expired, { paidAt: at(1801) });
    expect([late?.payment.intent.status, late?.refunds[0]?.reason]).toEqual(['expired', 'paid_after_expiry']);
  });

  it('of an expired intent is in time or late by our clock, whatever the clock of the provider is', () => {
    const ahead = found(expired, { paidAt: at(1890), paidAtOurTime: at(1790) });
    expect(ahead?.payment.intent.status).toBe('succeeded');
    const behind = found(expired, { paidAt: at(1790), paidAtOurTime: at(1890) });
    expect(behind?.refunds[0]?.reason).toBe('paid_after_expiry');
  });

  it('is refunded for a cancelled intent, an intent that is already paid, and an abandoned code', () => {
    expect(found(cancelled)?.refunds).toMatchObject([
      { attemptId: 'pa_1', reason: 'paid_after_cancel', money: FOUND.money },
    ]);
    const paidInCash = { ...captured, attempts: lapsed.attempts };
    expect(found(paidInCash)?.refunds[0]?.reason).toBe('second_payment');
    expect(found(paidInCash)?.payment.intent.paymentMethodType).toBe('cash');
    expect(found(abandoning)?.refunds[0]?.reason).toBe('paid_after_abandon');
  });

  it('of a different amount or currency is recorded and not accepted', () => {
    for (const money of [
      { amount: 999, currency: 'JPY' },
      { amount: 1000, currency: 'USD' },
    ]) {
      const change = found(live, { money });
      expect(change?.payment.intent.status).toBe('requires_action');
      expect(change?.events[0]?.data).toMatchObject({ code: 'money_mismatch' });
    }
  });

  it('that is reported twice changes nothing the second time', () => {
    expect(found(succeeded)).toBeUndefined();
    expect(found(found(cancelled)?.payment ?? cancelled)).toBeUndefined();
  });
});

describe('in any order of commands and updates', () => {
  type Event = {
    readonly now: number;
    readonly apply: (payment: Payment, now: Date, newId: string) => Change | undefined;
  };
  const input =
    (
      decide: (payment: Payment, now: Date, newId: string) => { kind: string; change?: Change },
    ): Event['apply'] =>
    (payment, now, newId) =>
      decide(payment, now, newId).change;
  const updates: AttemptUpdate[] = [
    { type: 'create_begun' },
    { type: 'code_created', code: CODE },
    { type: 'code_refused', reason: REASON },
    { type: 'create_unanswered', reason: REASON },
    { type: 'code_unseen' },
    { type: 'abandon_accepted' },
    { type: 'close_begun' },
    { type: 'unpaid', deletion: 'done' },
    { type: 'unpaid', deletion: 'none' },
    { type: 'payment_found', found: FOUND },
    { type: 'payment_failed', reason: REASON },
    { type: 'status_unreadable', reason: REASON },
  ];
  const METHODS = ['qr_mpm', 'cash'] as const;
  /** A confirm with any method, by providers that carry out anything. */
  const confirmAnyhow = fc
    .tuple(fc.constantFrom(...METHODS), fc.subarray([...METHODS]))
    .map(([paymentMethodType, carriedOut]) =>
      input((payment, now, id) =>
        decideConfirm(payment, { paymentMethodType, carriedOut, attempt: { ...INPUT.attempt, id } }, now),
      ),
    );
  const apply = fc.oneof(
    confirmAnyhow,
    fc.constantFrom(
      input((payment, now, id) =>
        decideConfirm(payment, { ...INPUT, attempt: { ...INPUT.attempt, id } }, now),
      ),
      input((payment, now) => decideCancel(payment, now)),
      input((payment, now) => decideCapture(payment, { amount: 500 }, now)),
      input((payment, now) => decideExpire(payment, now)),
    ),
    fc
      .tuple(fc.constantFrom(...updates), fc.nat({ max: 3 }))
      .map(([update, index]): Event['apply'] => (payment, now) => {
        const attempt = payment.attempts[index % Math.max(payment.attempts.length, 1)];
        return attempt && decideUpdate(payment, attempt.id, update, now);
      }),
  );
  const history = fc.array(fc.tuple(fc.nat({ max: 400 }), apply), { maxLength: 40 });

  it('at most one code is live, terminal states stay, and every payment is either kept once or refunded once', () => {
    fc.assert(
      fc.property(history, (events) => {
        let payment = FRESH;
        let seconds = 0;
        const refunded = new Set<string>();
        events.forEach(([pause, step], index) => {
          seconds += pause;
          const before = payment;
          const change = step(before, at(seconds), `pa_${index + 10}`);
          payment = change?.payment ?? before;
          for (const { attemptId } of change?.refunds ?? []) {
            expect(refunded.has(attemptId)).toBe(false);
            refunded.add(attemptId);
          }
          expectTerminalToStay(before.intent, payment.intent);
          expectValidForTheDatabase(payment);
        });
        const kept = payment.attempts.filter(({ id, status }) => status === 'succeeded' && !refunded.has(id));
        expect(kept.length).toBe(payment.intent.paymentMethodType === 'qr_mpm' ? 1 : 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('an intent never succeeds through a provider by a method that is not among its types', () => {
    const captured = (payment: Payment) => payment.intent.paymentMethodType === 'cash';
    fc.assert(
      fc.property(history, fc.subarray([...METHODS], { minLength: 1 }), (events, paymentMethodTypes) => {
        const start: Payment = { ...FRESH, intent: { ...INTENT, paymentMethodTypes } };
        const end = events.reduce(
          (payment, [, step], index) => step(payment, at(index), `pa_${index + 10}`)?.payment ?? payment,
          start,
        );
        // Cash is what staff have in their hands: capture records it, whatever was planned.
        if (end.intent.status === 'succeeded' && !captured(end)) {
          expect(paymentMethodTypes).toContain(end.intent.paymentMethodType);
        }
        expect(end.attempts.length === 0 || paymentMethodTypes.includes('qr_mpm')).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('applying the same update twice has the effect of applying it once', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...updates), (events, update) => {
        const before = events.reduce(
          (payment, [, step], index) => step(payment, at(index), `pa_${index + 10}`)?.payment ?? payment,
          FRESH,
        );
        const [attempt] = before.attempts;
        if (!attempt) {
          return;
        }
        const first = decideUpdate(before, attempt.id, update, at(50))?.payment ?? before;
        const second = decideUpdate(first, attempt.id, update, at(50));
        expect(second?.payment.intent.status ?? first.intent.status).toBe(first.intent.status);
        expect(second?.refunds ?? []).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  function expectTerminalToStay(before: PaymentIntent, after: PaymentIntent): void {
    if (!['succeeded', 'cancelled', 'expired'].includes(before.status) || before.status === after.status) {
      return;
    }
    expect([before.status, after.status]).toEqual(['expired', 'succeeded']);
  }

  /** The CHECK constraints and the partial unique index of the tables. */
  function expectValidForTheDatabase({ intent, attempts }: Payment): void {
    expect(attempts.filter(isLive).length).toBeLessThanOrEqual(1);
    const isPaid = intent.status === 'succeeded';
    expect([
      intent.succeededAt !== undefined,
      intent.amountCaptured !== undefined,
      intent.paymentMethodType !== undefined,
    ]).toEqual([isPaid, isPaid, isPaid]);
    expect(intent.cancelledAt !== undefined).toBe(intent.status === 'cancelled');
    if (intent.status === 'expired') {
      expect(intent.expiredAt).toBeDefined();
    } else if (!isPaid) {
      expect(intent.expiredAt).toBeUndefined();
    }
    attempts.forEach(expectValidAttempt);
  }

  function expectValidAttempt(attempt: PaymentAttempt): void {
    const { status } = attempt;
    expect(attempt.endedAt === undefined).toBe(isLive(attempt));
    if (status === 'live' || status === 'closing') {
      expect(attempt.codeId).toBeDefined();
    }
    expect(attempt.paidAt !== undefined).toBe(status === 'succeeded');
    if (status === 'failed') {
      expect(attempt.failure).toBeDefined();
    }
  }
});
