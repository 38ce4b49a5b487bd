/**
 * The simulated payer: finds the scanned code and pays or declines it. Shared by the programmatic API, the control
 * interface and the pages.
 */
import type { AdjustableClock } from '../core/adjustable-clock.ts';
import { findPayment, type PaymentSelector } from '../core/find-payment.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SandboxBehaviour } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { declinePayment, type PayerRefusal, payPayment } from '../core/payment-rules.ts';
import { makePaymentId, type Random } from '../core/random.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/** Which code the payer acts on, and how. */
export interface PayerRequest extends PaymentSelector {
  /** Also acts on a deleted or expired code, as a payer who scanned it earlier can. */
  readonly force?: boolean;
  /** First moves the sandbox's clock to this many seconds after the code's expiry; before it when negative. */
  readonly secondsFromExpiry?: number;
  /** PayPay sends no webhook about it. */
  readonly isWebhookLost?: boolean;
  /** When the payer acts, in epoch milliseconds; by default now. */
  readonly actsAt?: number;
}

/** The outcome for the payer. When it is not accepted, nothing has changed. */
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
  code_expired:
    'The code has expired. Create a new code, or set force to act as a payer who scanned it in time.',
  code_deleted:
    'The merchant has deleted the code. Create a new code, or set force to act as a payer who scanned it before.',
  already_paid: 'The code has already been paid. Create a new code to take another payment.',
  payment_failed: 'The payment has failed and cannot be retried. Create a new code.',
};

/** Creates a payer who acts on the payments of a ledger. */
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
    // Registers the new paymentId.
    deps.ledger.add(payment);
    await deps.save(payment);
    if (request.isWebhookLost !== true) {
      announce(payment);
    }
    // A copy, so that callers cannot modify the ledger.
    return { isAccepted: true, payment: structuredClone(payment) };
  }

  return {
    // COMPLETED is announced even if an earlier cancel reverses the payment immediately; a cancel sends no webhook.
    pay: (request) => act(request, payPayment, (payment) => deps.webhooks.announce(payment, 'COMPLETED')),
    decline: (request) =>
      act(request, declinePayment, (payment) => {
        if (deps.behaviour.notifyFailed) {
          deps.webhooks.announce(payment, 'FAILED');
        }
      }),
  };
}
