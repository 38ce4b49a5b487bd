/**
 * What the merchant's staff do in PayPay's console, past the gateway: refund a payment, wholly or in part, or cancel it.
 * PayPay gives such a refund an id of its own, and sends no webhook about it.
 */
import type { Clock } from '../../lib/clock.ts';
import { type FoundPayment, findPayment, type PaymentSelector } from '../core/find-payment.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SandboxBehaviour } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { cancelPayment } from '../core/payment-rules.ts';
import { makeRefundId, type Random } from '../core/random.ts';
import { refundableAmount, refundPayment } from '../core/refund-rules.ts';
import { getResultCode, type ResultName } from '../core/result-codes.ts';

export interface ConsoleRefundRequest extends PaymentSelector {
  /** In yen; all that is left if absent. */
  readonly amount?: number;
}

/** When it is not accepted, nothing has changed. The payment is a copy. */
export type ConsoleResult =
  | FoundPayment
  | {
      readonly isAccepted: false;
      readonly reason: 'refused';
      /** What the API says in this case. */
      readonly result: ResultName;
      readonly message: string;
    };

export interface MerchantConsole {
  /** Refunds under the rules that the API has too. */
  refund(request: ConsoleRefundRequest): Promise<ConsoleResult>;
  /** Cancels a payment of the day, which returns all of its money, or a code, which cannot be paid any more then. */
  cancel(request: PaymentSelector): Promise<ConsoleResult>;
}

export interface ConsoleDeps {
  readonly ledger: Ledger;
  readonly behaviour: SandboxBehaviour;
  readonly random: Random;
  readonly clock: Clock;
  save(payment: Payment): Promise<void>;
}

/** Creates the console of all merchants. */
export function createMerchantConsole(deps: ConsoleDeps): MerchantConsole {
  async function act(
    selector: PaymentSelector,
    change: (payment: Payment, now: number) => ResultName | undefined,
  ): Promise<ConsoleResult> {
    const now = deps.clock.now().getTime();
    const found = findPayment(deps.ledger, selector, now);
    if (!found.isAccepted) {
      return found;
    }
    const result = change(found.payment, now);
    if (result) {
      const { code, message } = getResultCode(result);
      return {
        isAccepted: false,
        reason: 'refused',
        result,
        message: `PayPay refuses: ${message} (${code}).`,
      };
    }
    const payment = deps.ledger.applyDue(found.payment, now);
    await deps.save(payment);
    return { isAccepted: true, payment: structuredClone(payment) };
  }

  return {
    refund: ({ amount, ...selector }) =>
      act(selector, (payment, now) => {
        const request = {
          merchantRefundId: makeRefundId(deps.random),
          amount: amount ?? refundableAmount(payment),
          requestedAt: Math.floor(now / 1000),
          origin: 'console',
        } as const;
        const outcome = refundPayment(payment, request, now, deps.behaviour);
        return typeof outcome === 'string' ? outcome : undefined;
      }),
    cancel: (selector) => act(selector, (payment, now) => cancelPayment(payment, now, deps.behaviour)),
  };
}
