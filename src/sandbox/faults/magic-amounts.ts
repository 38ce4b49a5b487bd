/**
 * Amounts that force an outcome, so that a merchant's tests need no payer: the code for such an amount is paid,
 * declined, left to lapse and so on by itself. In force only while the switch `magicAmounts` is on. The payers among
 * them act in magic-payers.ts.
 */
import type { Fault } from './faults.ts';

export interface MagicAmount {
  /** In yen. */
  readonly amount: number;
  /** A word for it. */
  readonly name: string;
  /** What the merchant sees, in a sentence. */
  readonly outcome: string;
  /** What goes wrong when the code is created; a repetition with the same id is answered as usual. */
  readonly fault?: Fault;
  /** That repetition is answered with the code, in place of the refusal that PayPay documents. */
  readonly isReplayed?: boolean;
  /** Lives this long in place of `codeLifetimeSeconds`. */
  readonly codeLifetimeSeconds?: number;
  /** What the payer does, and how long after the code was made. */
  readonly payer?: {
    readonly afterSeconds: number;
    readonly act: 'pay' | 'decline';
    readonly isUnannounced?: boolean;
  };
}

const ANSWER_LOST: Fault = { operation: 'createCode', kind: 'error', when: 'after' };

/** Far from the prices in a shop's tests, and from PayPay's own limit. */
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
      'Nobody pays, and the code lives five seconds: back to `requires_payment_method`, `last_payment_error` says `code_expired`; `expired` when the time of the PaymentIntent is over.',
    codeLifetimeSeconds: 5,
  },
  {
    amount: 990_004,
    name: 'unknown',
    outcome:
      "PayPay's answer is lost at every confirm: 502 `provider_error`, `processing`, and a moment later `requires_payment_method`, `last_payment_error` says `code_not_created`.",
    fault: ANSWER_LOST,
  },
  {
    amount: 990_005,
    name: 'late',
    outcome: 'Paid after 20 seconds, and the news about it is lost: `succeeded` all the same.',
    payer: { afterSeconds: 20, act: 'pay', isUnannounced: true },
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
    fault: ANSWER_LOST,
    isReplayed: true,
    payer: { afterSeconds: 5, act: 'pay' },
  },
];

/** @returns undefined for every ordinary amount */
export function findMagicAmount(amount: unknown): MagicAmount | undefined {
  return MAGIC_AMOUNTS.find((magic) => magic.amount === amount);
}

/** The part of a request to create a code that is looked at before it is known to be well-formed. */
interface CodeRequestHead {
  readonly merchantPaymentId?: unknown;
  readonly amount?: { readonly amount?: unknown } | null;
}

/**
 * The fault that the amount of a code asks for, at the first request of its id.
 * @param isKnown whether a code with this id was made before
 */
export function findMagicFault(
  body: Buffer,
  isKnown: (merchantPaymentId: string) => boolean,
): Fault | undefined {
  const { merchantPaymentId, amount } = readRequestHead(body);
  return isKnown(String(merchantPaymentId)) ? undefined : findMagicAmount(amount?.amount)?.fault;
}

function readRequestHead(body: Buffer): CodeRequestHead {
  try {
    return (JSON.parse(body.toString('utf8')) as CodeRequestHead | null) ?? {};
  } catch {
    return {};
  }
}
