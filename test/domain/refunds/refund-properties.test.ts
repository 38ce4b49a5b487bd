import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PaymentIntent } from '../../../src/domain/payment.ts';
import type { Refund, RefundChange, RefundTotals, RefundUpdate } from '../../../src/domain/refunds/refund.ts';
import {
  cancelledAtProvider,
  decideForeignRefund,
  decideRefund,
  decideRefundUpdate,
} from '../../../src/domain/refunds/refund-machine.ts';
import { COMMAND, PAID, PAID_AT, paidWith } from '../../support/paid-payment.ts';

type Step =
  | { readonly kind: 'request'; readonly amount: number | undefined; readonly isCash: boolean }
  | { readonly kind: 'update'; readonly which: number; readonly update: RefundUpdate }
  | {
      readonly kind: 'foreign';
      readonly refundId: string;
      readonly amount: number;
      readonly isPending: boolean;
    }
  | { readonly kind: 'cancelled' };

const UPDATES: RefundUpdate[] = [
  { type: 'succeeded' },
  { type: 'failed', failure: { code: 'payer_account_closed', message: 'm' } },
  { type: 'delayed', pendingReason: 'provider_unavailable', errorCode: 'timeout' },
];

const amount = fc.oneof(fc.integer({ min: -1, max: 1001 }), fc.constantFrom(250, 500, 1000));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    amount: fc.option(amount, { nil: undefined }),
    isCash: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('update' as const),
    which: fc.nat(20),
    update: fc.constantFrom(...UPDATES),
  }),
  fc.record({
    kind: fc.constant('foreign' as const),
    refundId: fc.constantFrom('a', 'b', 'c'),
    amount: fc.oneof(fc.integer({ min: 0, max: 1001 }), fc.constantFrom(250, 500, 1000)),
    isPending: fc.boolean(),
  }),
  fc.constant({ kind: 'cancelled' as const }),
);

/** The rows that the store keeps: a refund by its id, a foreign one once. */
class Rows {
  intent: PaymentIntent = PAID.intent;
  readonly refunds = new Map<string, Refund>();
  readonly merchantEvents: string[] = [];

  totals(exceptId?: string): RefundTotals {
    const others = [...this.refunds.values()].filter(({ id }) => id !== exceptId);
    return {
      count: others.filter(({ status }) => status !== 'failed').length,
      succeeded: sumOf(others.filter(({ status }) => status === 'succeeded')),
      returnedAttemptIds: [],
    };
  }

  save({ intent, refund, events }: RefundChange): void {
    this.intent = intent;
    this.refunds.set(refund.id, refund);
    this.merchantEvents.push(
      ...events.flatMap(({ merchantEvent: event }) =>
        event ? [event.type === 'payment_intent.refunded' ? event.type : `${event.type} ${refund.id}`] : [],
      ),
    );
  }
}

function sumOf(refunds: readonly Refund[]): number {
  return refunds.reduce((sum, { money }) => sum + money.amount, 0);
}

function decide(rows: Rows, what: Step, number: number): RefundChange | undefined {
  const payment = paidWith(rows.intent);
  switch (what.kind) {
    case 'request': {
      const method = what.isCash ? ('cash' as const) : undefined;
      const command = { ...COMMAND, id: `re_${number}`, amount: what.amount, method, mayReturnInCash: true };
      const decision = decideRefund(payment, rows.totals(), command, PAID_AT);
      return decision.kind === 'change' ? decision.change : undefined;
    }
    case 'update': {
      const refund = [...rows.refunds.values()][what.which];
      const times = { now: PAID_AT, nextTryAt: PAID_AT };
      return refund && decideRefundUpdate(rows.intent, refund, rows.totals(refund.id), what.update, times);
    }
    default: {
      const made =
        what.kind === 'cancelled'
          ? cancelledAtProvider(rows.intent, rows.totals())
          : {
              refundId: what.refundId,
              money: { amount: what.amount, currency: 'JPY' },
              status: what.isPending ? ('pending' as const) : ('succeeded' as const),
              acceptedAt: undefined,
            };
      const isKnown = [...rows.refunds.values()].some((refund) => refund.providerRefundId === made?.refundId);
      return made && !isKnown
        ? decideForeignRefund(payment, rows.totals(), 'pa_1', { ...made, id: `re_${number}` }, PAID_AT)
        : undefined;
    }
  }
}

function expectSound(rows: Rows): void {
  const refunds = [...rows.refunds.values()];
  const captured = rows.intent.amountCaptured ?? 0;
  const reserved = sumOf(refunds.filter(({ status }) => status !== 'failed'));
  expect(rows.intent.amountRefunded).toBe(reserved);
  expect(reserved).toBeGreaterThanOrEqual(0);
  expect(reserved).toBeLessThanOrEqual(captured);
  const succeeded = sumOf(refunds.filter(({ status }) => status === 'succeeded'));
  const whole = rows.merchantEvents.filter((event) => event === 'payment_intent.refunded');
  expect(whole).toHaveLength(succeeded === captured ? 1 : 0);
  for (const { id, status } of refunds) {
    const of = (type: string) =>
      rows.merchantEvents.filter((event) => event === `refund.${type} ${id}`).length;
    expect([of('created'), of('succeeded')]).toEqual([1, status === 'succeeded' ? 1 : 0]);
    expect(of('failed')).toBeLessThanOrEqual(1);
  }
}

it('whatever happens in whatever order, refunds never exceed what was captured, the sum is that of the refunds, and each event happens once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const rows = new Rows();
      for (const [number, what] of steps.entries()) {
        const done = [...rows.refunds.values()].filter(({ status }) => status === 'succeeded');
        const change = decide(rows, what, number);
        if (change) {
          rows.save(change);
        }
        expectSound(rows);
        // A succeeded refund never changes.
        expect(done.map(({ id }) => rows.refunds.get(id))).toEqual(done);
      }
    }),
    { numRuns: 500 },
  );
});
