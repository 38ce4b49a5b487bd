/**
 * The six operations of the Dynamic QR product: each takes an authenticated call and returns a response. Of HTTP they
 * know only the status codes that PayPay documents; routing, authentication and faults are in api.ts.
 */
import type { Ledger } from '../core/ledger.ts';
import type { OperationName, OperationResponse } from '../core/operation.ts';
import type { SandboxBehaviour } from '../core/options.ts';
import type { CodeRequest, Payment } from '../core/payment.ts';
import { cancelPayment, deleteCode } from '../core/payment-rules.ts';
import { makeCodeId, type Random } from '../core/random.ts';
import { refundPayment } from '../core/refund-rules.ts';
import type { ResultName } from '../core/result-codes.ts';
import { findMagicAmount, type MagicAmount } from '../faults/magic-amounts.ts';
import { presentCode, presentPayment, presentRefund, presentUnpaid } from './presenters.ts';
import {
  isCodeId,
  isMerchantId,
  RequestError,
  readCodeRequest,
  readRefundRequest,
} from './request-fields.ts';

export interface OperationDeps {
  readonly ledger: Ledger;
  readonly behaviour: SandboxBehaviour;
  readonly random: Random;
  /** Preserves the changed payment across restarts. Resolves when it is written. */
  save(payment: Payment): Promise<void>;
  /** URL of the page that simulates the payer's app. */
  cashierUrl(codeId: string): string;
  /** Called for every new code. */
  onCodeCreated(payment: Payment): void;
}

/** One authenticated call. */
export interface OperationCall {
  readonly merchantId: string;
  /** The id in the path, decoded; empty for POST. */
  readonly subject: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly now: number;
}

type Operation = (deps: OperationDeps, call: OperationCall) => Promise<OperationResponse>;

const OPERATIONS: Record<OperationName, Operation> = {
  createCode,
  deleteCode: deleteCodeById,
  paymentDetails,
  cancelPayment: cancelPaymentById,
  refund,
  refundDetails,
};

/** Runs one operation. An invalid request results in PayPay's error response. */
export async function runOperation(
  name: OperationName,
  deps: OperationDeps,
  call: OperationCall,
): Promise<OperationResponse> {
  try {
    return await OPERATIONS[name](deps, call);
  } catch (error) {
    if (error instanceof RequestError) {
      return refuse(error.result);
    }
    throw error;
  }
}

async function createCode(deps: OperationDeps, call: OperationCall): Promise<OperationResponse> {
  const request = readCodeRequest(call.body, call.now);
  const magic = deps.behaviour.magicAmounts ? findMagicAmount(request.amount) : undefined;
  const earlier = deps.ledger.find(call.merchantId, request.merchantPaymentId, call.now);
  if (earlier) {
    const isReplay = deps.behaviour.duplicateCode === 'replay' || magic?.isReplayed === true;
    return isReplay
      ? { result: 'CODE_CREATED', data: presentCode(earlier) }
      : refuse('DUPLICATE_DYNAMIC_QR_REQUEST');
  }
  const payment = makePayment(deps, call, request, magic);
  deps.ledger.add(payment);
  await deps.save(payment);
  deps.onCodeCreated(payment);
  return { result: 'CODE_CREATED', data: presentCode(payment) };
}

function makePayment(
  deps: OperationDeps,
  call: OperationCall,
  request: CodeRequest,
  magic: MagicAmount | undefined,
): Payment {
  const codeId = makeCodeId(deps.random);
  const url = deps.cashierUrl(codeId);
  const lifetimeSeconds = magic?.codeLifetimeSeconds ?? deps.behaviour.codeLifetimeSeconds;
  return {
    merchantId: call.merchantId,
    merchantPaymentId: request.merchantPaymentId,
    amount: request.amount,
    status: 'CREATED',
    codeId,
    url,
    // PayPay's own begins with paypay://payment?link_key=; here no app would open it, so it leads to the cashier page.
    deeplink: url,
    request,
    createdAt: call.now,
    expiresAt: call.now + lifetimeSeconds * 1000,
    refunds: [],
    moneyTaken: 0,
    moneyReturned: 0,
  };
}

async function deleteCodeById(deps: OperationDeps, call: OperationCall): Promise<OperationResponse> {
  if (!isCodeId(call.subject)) {
    return refuse('DYNAMIC_QR_BAD_REQUEST');
  }
  const payment = deps.ledger.findByCode(call.subject, call.now);
  if (payment?.merchantId !== call.merchantId) {
    return refuse('DYNAMIC_QR_NOT_FOUND');
  }
  const refusal = deleteCode(payment, call.now, deps.behaviour);
  if (refusal) {
    return refuse(refusal);
  }
  await deps.save(payment);
  return { result: 'SUCCESS', data: { qrStatus: 'DELETED' } };
}

async function paymentDetails(deps: OperationDeps, call: OperationCall): Promise<OperationResponse> {
  if (!isMerchantId(call.subject)) {
    return refuse('DYNAMIC_QR_BAD_REQUEST');
  }
  const payment = deps.ledger.find(call.merchantId, call.subject, call.now);
  if (payment && payment.status !== 'CREATED') {
    return { result: 'SUCCESS', data: presentPayment(payment) };
  }
  if (payment && isShownUnpaid(payment, call.now, deps.behaviour)) {
    return { result: 'SUCCESS', data: presentUnpaid() };
  }
  return { ...refuse('DYNAMIC_QR_PAYMENT_NOT_FOUND'), httpStatus: deps.behaviour.paymentNotFoundHttpStatus };
}

/** Three switches, because PayPay's FAQ says unpaid codes stay CREATED and its API document says they are not found. */
function isShownUnpaid(payment: Payment, now: number, behaviour: SandboxBehaviour): boolean {
  if (payment.deletedAt !== undefined && behaviour.deletedCodeDetails === 'not_found') {
    return false;
  }
  if (now >= payment.expiresAt) {
    return now < payment.expiresAt + behaviour.expiredCodeGraceSeconds * 1000;
  }
  return behaviour.unpaidCodeDetails === 'created';
}

async function cancelPaymentById(deps: OperationDeps, call: OperationCall): Promise<OperationResponse> {
  if (!isMerchantId(call.subject)) {
    return refuse('INVALID_REQUEST_PARAMS');
  }
  const payment = deps.ledger.find(call.merchantId, call.subject, call.now);
  if (!payment) {
    return refuse('RESOURCE_NOT_FOUND');
  }
  const refusal = cancelPayment(payment, call.now, deps.behaviour);
  if (refusal) {
    return refuse(refusal);
  }
  await deps.save(payment);
  return { result: 'REQUEST_ACCEPTED', data: null };
}

async function refund(deps: OperationDeps, call: OperationCall): Promise<OperationResponse> {
  const { paymentId, ...request } = readRefundRequest(call.body);
  const payment = deps.ledger.findByPaymentId(call.merchantId, paymentId, call.now);
  const httpStatus = deps.behaviour.refundHttpStatus;
  if (!payment) {
    // PayPay returns this particular error when it receives the merchantPaymentId instead of its own paymentId.
    const isMerchantPaymentId = deps.ledger.find(call.merchantId, paymentId, call.now) !== undefined;
    return refuse(isMerchantPaymentId ? 'REQUEST_TIMED_OUT' : 'RESOURCE_NOT_FOUND');
  }
  if (payment.isUnavailable) {
    return refuse('ORDER_NO_LONGER_AVAILABLE');
  }
  const earlier = payment.refunds.find((refund) => refund.merchantRefundId === request.merchantRefundId);
  if (earlier) {
    // PayPay documents the earlier result for the same request, and nothing for another amount under the same id.
    return earlier.amount === request.amount
      ? { result: 'SUCCESS', data: presentRefund(payment, earlier), httpStatus }
      : refuse('INVALID_PARAMS');
  }
  const magic = deps.behaviour.magicAmounts ? findMagicAmount(payment.amount) : undefined;
  const isHeld = magic?.isRefundHeld === true;
  const outcome = refundPayment(payment, { ...request, origin: 'api', isHeld }, call.now, deps.behaviour);
  if (typeof outcome === 'string') {
    return refuse(outcome);
  }
  deps.ledger.applyDue(payment, call.now);
  await deps.save(payment);
  return { result: 'SUCCESS', data: presentRefund(payment, outcome), httpStatus };
}

async function refundDetails(deps: OperationDeps, call: OperationCall): Promise<OperationResponse> {
  for (const payment of listRefundable(deps.ledger, call)) {
    const found = payment.refunds.find((refund) => refund.merchantRefundId === call.subject);
    if (found) {
      return payment.isUnavailable
        ? refuse('ORDER_NO_LONGER_AVAILABLE')
        : { result: 'SUCCESS', data: presentRefund(payment, found) };
    }
  }
  return refuse('NO_SUCH_REFUND_ORDER');
}

/** The payment that the call names or, as PayPay allows for merchants of earlier years, all of the merchant. */
function listRefundable(ledger: Ledger, { merchantId, query, now }: OperationCall): Payment[] {
  const paymentId = query.get('paymentId');
  if (paymentId) {
    const payment = ledger.findByPaymentId(merchantId, paymentId, now);
    return payment ? [payment] : [];
  }
  return ledger
    .list(now)
    .filter((payment) => payment.merchantId === merchantId)
    .reverse();
}

function refuse(result: ResultName): OperationResponse {
  return { result, data: null };
}
