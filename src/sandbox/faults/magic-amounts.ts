/**
 * Amounts of payments that force an outcome, so that a merchant's tests need no payer: a code for such an amount is
 * paid, declined, left to expire and so on automatically, and its refunds fail or are delayed. Only in effect while the
 * switch `magicAmounts` is on. The payers are simulated in payers/magic-payers.ts, the faults in magic-faults.ts.
 */
import type { Fault } from './faults.ts';

export interface MagicAmount {
  /** In yen. */
  readonly amount: number;
  /** Short label. */
  readonly name: string;
  /** What the merchant observes, in a sentence of Markdown. */
  readonly outcome: string;
  /** Injected into a request to create the code, unless the code already exists. */
  readonly fault?: Fault;
  /** Whether such a request returns an existing code instead of the refusal that PayPay documents. */
  readonly isReplayed?: boolean;
  /** Replaces the behaviour's `codeLifetimeSeconds`. */
  readonly codeLifetimeSeconds?: number;
  /** What the simulated payer does, and how long after the code was created. */
  readonly payer?: {
    readonly afterSeconds: number;
    readonly act: 'pay' | 'decline';
    readonly isWebhookLost?: boolean;
  };
  /** Injected into the first `times` refund requests of the payment. */
  readonly refundFault?: { readonly fault: Fault; readonly times: number };
  /** Whether refunds of the payment stay CREATED until a tester releases them. */
  readonly isRefundHeld?: boolean;
}

const LOST_RESPONSE: Fault = { operation: 'createCode', kind: 'error', when: 'after' };

/** Chosen to be unlikely as a price in a merchant's tests, and well below PayPay's limit. */
export const MAGIC_AMOUNTS: readonly MagicAmount[] = [
  {
    amount: 990_001,
    name: 'paid',
    outcome: 'Paid one second after the confirm: `succeeded`.',
    payer: { afterSeconds: 1, act: 'pay' },
  },
  {
    amount: 990_002,
    name: 'declined',
    outcome:
      'Declined one second after the confirm: back to `requires_payment_method`, `last_payment_error` says `payment_failed`.',
    payer: { afterSeconds: 1, act: 'decline' },
  },
  {
    amount: 990_003,
    name: 'lapsed',
    outcome:
      'Not paid, and the code expires after five seconds: back to `requires_payment_method`, `last_payment_error` says `code_expired`; `expired` once the PaymentIntent itself has expired.',
    codeLifetimeSeconds: 5,
  },
  {
    amount: 990_004,
    name: 'unknown',
    outcome:
      "PayPay's answer is lost at every confirm: 502 `provider_error`, `processing`, and a moment later `requires_payment_method`, `last_payment_error` says `code_not_created`.",
    fault: LOST_RESPONSE,
  },
  {
    amount: 990_005,
    name: 'late',
    outcome: "Paid after 20 seconds, and PayPay's webhook is lost: still `succeeded`.",
    payer: { afterSeconds: 20, act: 'pay', isWebhookLost: true },
  },
  {
    amount: 990_006,
    name: 'unavailable',
    outcome:
      'PayPay is under maintenance at every confirm: 503 `provider_unavailable` with `Retry-After`; nothing has happened, `last_payment_error` says `maintenance_mode`.',
    fault: { operation: 'createCode', kind: 'maintenance', when: 'before' },
  },
  {
    amount: 990_007,
    name: 'unknown, then paid',
    outcome:
      "PayPay's answer to the first confirm is lost: 502 `provider_error`, `processing`. Confirm again for the QR; paid five seconds after the first confirm: `succeeded`.",
    fault: LOST_RESPONSE,
    isReplayed: true,
    payer: { afterSeconds: 5, act: 'pay' },
  },
  {
    amount: 990_011,
    name: 'refund fails',
    outcome: 'Paid like 990001. PayPay refuses every refund, because the payer has closed the account.',
    payer: { afterSeconds: 1, act: 'pay' },
    refundFault: {
      fault: { operation: 'refund', kind: 'refuse', result: 'CANCELED_USER' },
      times: Number.POSITIVE_INFINITY,
    },
  },
  {
    amount: 990_012,
    name: 'refund stays pending',
    outcome:
      'Paid like 990001. PayPay accepts every refund, and carries it out only after `POST /_control/refunds/release`.',
    payer: { afterSeconds: 1, act: 'pay' },
    isRefundHeld: true,
  },
  {
    amount: 990_013,
    name: 'refund unknown',
    outcome:
      "Paid like 990001. PayPay's answer to the first refund request is lost, but the refund was accepted, and is carried out after five seconds.",
    payer: { afterSeconds: 1, act: 'pay' },
    refundFault: { fault: { operation: 'refund', kind: 'error', when: 'after' }, times: 1 },
  },
  {
    amount: 990_014,
    name: 'refund unavailable',
    outcome:
      'Paid like 990001. PayPay is under maintenance at the first two refund requests, and accepts the third.',
    payer: { afterSeconds: 1, act: 'pay' },
    refundFault: { fault: { operation: 'refund', kind: 'maintenance', when: 'before' }, times: 2 },
  },
];

/** Finds the magic amount with this value. @returns undefined for an ordinary amount */
export function findMagicAmount(amount: unknown): MagicAmount | undefined {
  return MAGIC_AMOUNTS.find((magic) => magic.amount === amount);
}
