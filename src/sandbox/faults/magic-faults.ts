/**
 * Selects the fault that a magic amount injects into a call: into a request to create a code by the amount in it, into
 * a refund request by the amount of the payment.
 */
import type { Ledger } from '../core/ledger.ts';
import type { OperationName } from '../core/operation.ts';
import type { Payment } from '../core/payment.ts';
import type { Fault } from './faults.ts';
import { findMagicAmount } from './magic-amounts.ts';

/** One call, before it is validated. */
export interface MagicCall {
  readonly operation: OperationName;
  readonly merchantId: string;
  readonly body: Buffer;
  readonly now: number;
}

interface UnvalidatedBody {
  readonly merchantPaymentId?: unknown;
  readonly paymentId?: unknown;
  readonly amount?: { readonly amount?: unknown } | null;
}

/**
 * Finds the fault for a call, and counts the refund requests of a payment with such an amount.
 * @param save preserves the count across restarts
 */
export async function takeMagicFault(
  call: MagicCall,
  ledger: Ledger,
  save: (payment: Payment) => Promise<void>,
): Promise<Fault | undefined> {
  if (call.operation === 'createCode') {
    const { merchantPaymentId, amount } = parseUnvalidated(call.body);
    const isKnown = ledger.find(call.merchantId, String(merchantPaymentId), call.now) !== undefined;
    return isKnown ? undefined : findMagicAmount(amount?.amount)?.fault;
  }
  if (call.operation !== 'refund') {
    return undefined;
  }
  const { paymentId } = parseUnvalidated(call.body);
  const payment = ledger.findByPaymentId(call.merchantId, String(paymentId), call.now);
  const plan = findMagicAmount(payment?.amount)?.refundFault;
  if (!payment || !plan) {
    return undefined;
  }
  const { refundRequests = 0 } = payment;
  payment.refundRequests = refundRequests + 1;
  await save(payment);
  return refundRequests < plan.times ? plan.fault : undefined;
}

function parseUnvalidated(body: Buffer): UnvalidatedBody {
  try {
    return (JSON.parse(body.toString('utf8')) as UnvalidatedBody | null) ?? {};
  } catch {
    return {};
  }
}
