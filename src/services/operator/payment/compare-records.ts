/**
 * Compares the provider's own record of an attempt with ours, field by field. Pure.
 */
import type { Money, PaymentAttempt } from '../../../domain/payment.ts';
import type { ProviderRefund, Refund } from '../../../domain/refunds/refund.ts';
import type { PaymentObservation } from '../../../providers/provider.ts';
import { heldOf, isSameMoney, moneyIn, ourMoney, type PaymentMoney } from '../held-money.ts';

/** A record that could be read. */
export type ReadRecord = Exclude<PaymentObservation, { kind: 'unknown' | 'unavailable' }>;

export type RecordValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'money'; readonly money: Money }
  | { readonly kind: 'time'; readonly at: Date }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'attempt'; readonly status: PaymentAttempt['status'] }
  | { readonly kind: 'record'; readonly status: ReadRecord['kind'] }
  | { readonly kind: 'refund'; readonly status: Refund['status']; readonly money: Money };

export interface ComparedField {
  readonly name: 'status' | 'amount' | 'paid_at' | 'payment_id' | 'refunded' | 'held' | 'refund';
  /** The refund, if it is about one. */
  readonly refundId?: string;
  readonly ours: RecordValue;
  readonly theirs: RecordValue;
  readonly isDifferent: boolean;
}

const NONE: RecordValue = { kind: 'none' };

/** @param refunds those of this attempt */
export function compareRecords(
  attempt: PaymentAttempt,
  refunds: readonly Refund[],
  record: ReadRecord,
): ComparedField[] {
  const ours = ourMoney(attempt, refunds);
  const theirs = moneyIn(record);
  const isMoneySame = isSameMoney(ours, theirs, refunds);
  const taken = record.kind === 'succeeded' || record.kind === 'returned' ? record : undefined;
  const isPaid = attempt.status === 'succeeded';
  const status: ComparedField = {
    name: 'status',
    ours: { kind: 'attempt', status: attempt.status },
    theirs: { kind: 'record', status: record.kind },
    // A payment that was cancelled at the provider holds nothing, as one that was refunded in full.
    isDifferent: isPaid !== (taken !== undefined) && !isMoneySame,
  };
  if (!isPaid && !taken) {
    return [status];
  }
  return [
    status,
    field('amount', isPaid ? moneyValue(attempt) : NONE, taken ? moneyValue(taken.money) : NONE),
    field('payment_id', idValue(attempt.providerPaymentId), idValue(taken?.providerPaymentId)),
    field('paid_at', timeValue(attempt.paidAt), timeValue(taken?.paidAt)),
    {
      ...moneyField('refunded', ours, theirs, ours.refunded, theirs.refunded),
      isDifferent: !isMoneySame && ours.refunded !== theirs.refunded,
    },
    { ...moneyField('held', ours, theirs, heldOf(ours), heldOf(theirs)), isDifferent: !isMoneySame },
    ...compareRefunds(refunds, taken?.refunds ?? []),
  ];
}

function field(name: ComparedField['name'], ours: RecordValue, theirs: RecordValue): ComparedField {
  return { name, ours, theirs, isDifferent: JSON.stringify(ours) !== JSON.stringify(theirs) };
}

function moneyField(
  name: ComparedField['name'],
  ours: PaymentMoney,
  theirs: PaymentMoney,
  ...[ourAmount, theirAmount]: [number, number]
): ComparedField {
  const { currency } = ours;
  return field(
    name,
    { kind: 'money', money: { amount: ourAmount, currency } },
    { kind: 'money', money: { amount: theirAmount, currency: theirs.currency || currency } },
  );
}

/** Each refund of either record. One that is not sent yet, or has failed, need not be in the provider's. */
function compareRefunds(ours: readonly Refund[], theirs: readonly ProviderRefund[]): ComparedField[] {
  const idOf = (refund: Refund) => refund.providerRefundId ?? refund.id;
  const known = ours.map((refund) => {
    const found = theirs.find(({ refundId }) => refundId === idOf(refund));
    const isDifferent = found
      ? found.money.amount !== refund.money.amount || found.status !== refund.status
      : refund.status === 'succeeded' && theirs.length > 0;
    return refundField(idOf(refund), refundValue(refund), found ? refundValue(found) : NONE, isDifferent);
  });
  const unknown = theirs
    .filter(({ refundId }) => !ours.some((refund) => idOf(refund) === refundId))
    .map((found) => refundField(found.refundId, NONE, refundValue(found), true));
  return [...known, ...unknown];
}

function refundField(
  refundId: string,
  ours: RecordValue,
  theirs: RecordValue,
  isDifferent: boolean,
): ComparedField {
  return { name: 'refund', refundId, ours, theirs, isDifferent };
}

function refundValue({ status, money }: Pick<Refund, 'status' | 'money'>): RecordValue {
  return { kind: 'refund', status, money };
}

function moneyValue({ amount, currency }: Money): RecordValue {
  return { kind: 'money', money: { amount, currency } };
}

function idValue(id: string | undefined): RecordValue {
  return id === undefined ? NONE : { kind: 'id', id };
}

function timeValue(at: Date | undefined): RecordValue {
  return at === undefined ? NONE : { kind: 'time', at };
}
