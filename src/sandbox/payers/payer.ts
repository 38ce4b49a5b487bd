/**
 * The payer's side: finds the code that somebody scanned, and pays or declines it. Serves the programmatic API, the
 * control interface and the pages alike, so that all of them mean the same by "pay".
 */
import type { AdjustableClock } from '../core/adjustable-clock.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SandboxBehaviour } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { declinePayment, type PayerRefusal, payPayment } from '../core/payment-rules.ts';
import { makePaymentId, type Random } from '../core/random.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/** Which code, and how. Give the QR's content, or the merchant's payment id. */
export interface PayerRequest {
  /** The text in the QR: the code's url, its deeplink, or the codeId itself. */
  readonly qrContent?: string;
  readonly merchantPaymentId?: string;
  /** Needed only when two PayPay merchants used the same merchantPaymentId. */
  readonly merchantId?: string;
  /** Acts on a deleted or expired code too, as a payer does who had scanned it before. */
  readonly force?: boolean;
  /** Moves the sandbox's clock to so many seconds after the code's expiry (before it, when negative) and acts then. */
  readonly secondsFromExpiry?: number;
  /** PayPay's webhook about it is lost. */
  readonly isUnannounced?: boolean;
  /** The moment of the act, in epoch milliseconds; now when absent. */
  readonly actsAt?: number;
}

/** What the payer's app shows. A refusal changes nothing. */
export type PayerResult =
  | { readonly isAccepted: true; readonly payment: Payment }
  | {
      readonly isAccepted: false;
      readonly reason: PayerRefusal | 'code_not_found' | 'ambiguous';
      readonly message: string;
      readonly payment?: Payment;
    };

export interface PayerDeps {
  readonly ledger: Ledger;
  readonly behaviour: SandboxBehaviour;
  readonly random: Random;
  readonly webhooks: Webhooks;
  readonly clock: AdjustableClock;
  save(payment: Payment): Promise<void>;
}

export interface Payer {
  pay(request: PayerRequest): Promise<PayerResult>;
  decline(request: PayerRequest): Promise<PayerResult>;
}

const REFUSALS: Record<PayerRefusal, string> = {
  code_expired: 'The code has expired. Create a new code, or set force to pay as one who scanned it in time.',
  code_deleted:
    'The merchant has deleted the code. Create a new code, or set force to pay as one who scanned it before.',
  already_paid: 'The code has been paid already. Create a new code to take another payment.',
  payment_failed: 'The payment has failed and cannot be tried again. Create a new code.',
};

const CODE_ID = /04-[A-Za-z0-9]{16}/;

/** A payer who acts on this ledger. */
export function createPayer(deps: PayerDeps): Payer {
  async function act(
    request: PayerRequest,
    change: typeof payPayment,
    announce: (payment: Payment) => void,
  ): Promise<PayerResult> {
    const found = findPayment(deps.ledger, request, deps.clock.now().getTime());
    if (!found.isAccepted) {
      return found;
    }
    const { payment } = found;
    if (request.secondsFromExpiry !== undefined) {
      deps.clock.set(new Date(payment.expiresAt + request.secondsFromExpiry * 1000));
    }
    const now = request.actsAt ?? deps.clock.now().getTime();
    const paymentId = makePaymentId(deps.random);
    const reason = change(payment, { now, paymentId, force: request.force === true });
    if (reason) {
      return { isAccepted: false, reason, message: REFUSALS[reason], payment: structuredClone(payment) };
    }
    await deps.save(payment);
    if (request.isUnannounced !== true) {
      announce(payment);
    }
    // A copy, so that nobody can change the books through it.
    return { isAccepted: true, payment: structuredClone(payment) };
  }

  return {
    // COMPLETED is announced even when an earlier cancel reverses the payment at once: cancel itself sends nothing.
    pay: (request) => act(request, payPayment, (payment) => deps.webhooks.announce(payment, 'COMPLETED')),
    decline: (request) =>
      act(request, declinePayment, (payment) => {
        if (deps.behaviour.notifyFailed) {
          deps.webhooks.announce(payment, 'FAILED');
        }
      }),
  };
}

/** Finds the payment that a payer's request means. */
export function findPayment(ledger: Ledger, request: PayerRequest, now: number): PayerResult {
  if (request.qrContent !== undefined) {
    const codeId = CODE_ID.exec(request.qrContent)?.[0];
    const payment = codeId === undefined ? undefined : ledger.findByCode(codeId, now);
    return payment
      ? { isAccepted: true, payment }
      : notFound('No code has this content. Send the url of a code as it is.');
  }
  const matches = ledger
    .list(now)
    .filter((one) => one.merchantPaymentId === request.merchantPaymentId)
    .filter((one) => request.merchantId === undefined || one.merchantId === request.merchantId);
  const [payment] = matches;
  if (!payment) {
    return notFound('No code was created with this merchant payment id.');
  }
  if (matches.length > 1) {
    const message =
      'Several PayPay merchants used this merchant payment id. Name one of them with merchant_id.';
    return { isAccepted: false, reason: 'ambiguous', message };
  }
  return { isAccepted: true, payment };
}

function notFound(message: string): PayerResult {
  return { isAccepted: false, reason: 'code_not_found', message };
}
