/**
 * What happens at PayPay itself, for testers to decide: held refunds are released, sales are paid out to the merchant,
 * and a payer's account, a gift voucher or an order comes to its end.
 */
import type { Clock } from '../../lib/clock.ts';
import { type FoundPayment, findPayment, type PaymentSelector } from '../core/find-payment.ts';
import type { Ledger } from '../core/ledger.ts';
import type { SandboxBehaviour } from '../core/options.ts';
import type { PayerState, Payment } from '../core/payment.ts';
import { carryOutRefund } from '../core/refund-rules.ts';

/** Which refunds to release: one, or all of the payment. */
export interface ReleaseRequest extends PaymentSelector {
  readonly merchantRefundId?: string;
}

/** What is absent stays as it is. */
export interface PaymentChange extends PaymentSelector {
  readonly payerState?: PayerState;
  /** Epoch milliseconds. Makes the payment one with a gift voucher. */
  readonly voucherExpiresAt?: number;
  /** Whether PayPay still keeps the order. */
  readonly isAvailable?: boolean;
}

/** A merchant's sales that PayPay has not paid out. */
export interface Sales {
  readonly merchantId: string;
  readonly amount: number;
}

export interface BackOffice {
  /** Returns the money of accepted refunds at once, held or not. There may be none; a repetition changes nothing. */
  release(request: ReleaseRequest): Promise<FoundPayment>;
  change(request: PaymentChange): Promise<FoundPayment>;
  /** Pays out a merchant's sales, or those of all merchants. */
  payOut(merchantId?: string): Promise<void>;
  sales(): Sales[];
}

export interface BackOfficeDeps {
  readonly ledger: Ledger;
  readonly behaviour: SandboxBehaviour;
  readonly clock: Clock;
  save(payment: Payment): Promise<void>;
}

/** Creates the back office of a ledger. Results contain copies of payments. */
export function createBackOffice(deps: BackOfficeDeps): BackOffice {
  const now = (): number => deps.clock.now().getTime();

  async function act(selector: PaymentSelector, change: (payment: Payment) => void): Promise<FoundPayment> {
    const found = findPayment(deps.ledger, selector, now());
    if (!found.isAccepted) {
      return found;
    }
    change(found.payment);
    await deps.save(found.payment);
    return { isAccepted: true, payment: structuredClone(found.payment) };
  }

  return {
    release: ({ merchantRefundId, ...selector }) =>
      act(selector, (payment) => releaseRefunds(payment, merchantRefundId, deps.behaviour)),
    change: (request) => act(request, (payment) => changePayment(payment, request)),
    async payOut(merchantId) {
      const payments = deps.ledger
        .list(now())
        .filter((payment) => merchantId === undefined || payment.merchantId === merchantId);
      for (const payment of payments) {
        payment.paidOut = payment.moneyTaken - payment.moneyReturned;
      }
      await Promise.all(payments.map(deps.save));
    },
    sales() {
      const merchantIds = new Set(deps.ledger.list(now()).map(({ merchantId }) => merchantId));
      return [...merchantIds].map((merchantId) => ({
        merchantId,
        amount: deps.ledger.readSales(merchantId),
      }));
    },
  };
}

function releaseRefunds(
  payment: Payment,
  merchantRefundId: string | undefined,
  behaviour: SandboxBehaviour,
): void {
  for (const refund of payment.refunds) {
    const isMeant = merchantRefundId === undefined || refund.merchantRefundId === merchantRefundId;
    if (isMeant && refund.status === 'CREATED') {
      carryOutRefund(payment, refund, behaviour);
    }
  }
}

function changePayment(payment: Payment, change: PaymentChange): void {
  const { payerState, voucherExpiresAt, isAvailable } = change;
  if (payerState !== undefined) {
    payment.payerState = payerState;
  }
  if (voucherExpiresAt !== undefined) {
    payment.voucherExpiresAt = voucherExpiresAt;
  }
  if (isAvailable !== undefined) {
    payment.isUnavailable = !isAvailable;
  }
}
