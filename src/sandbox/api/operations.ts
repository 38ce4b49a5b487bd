/**
 * The six operations of the Dynamic QR product: one authenticated call in, one answer out. Knows nothing of HTTP
 * but the status that PayPay documents; routing, authentication and faults are in api.ts.
 */
import type { Ledger } from '../core/ledger.ts';
import type { Answer, OperationName } from '../core/operation.ts';
import type { SandboxBehaviour } from '../core/options.ts';
import type { CodeRequest, Payment } from '../core/payment.ts';
import { cancelPayment, deleteCode, refundPayment } from '../core/payment-rules.ts';
import { makeCodeId, type Random } from '../core/random.ts';
import type { ResultName } from '../core/result-codes.ts';
import { findMagicAmount, type MagicAmount } from '../faults/magic-amounts.ts';
import { presentCode, presentPayment, presentRefund, presentUnpaid } from './answers.ts';
import {
  isCodeId,
  isMerchantId,
  RequestFault,
  readCodeRequest,
  readRefundRequest,
} from './request-fields.ts';

/** What the operations work on. */
export interface OperationDeps {
  readonly ledger: Ledger;
  readonly behaviour: SandboxBehaviour;
  readonly random: Random;
  /** Keeps the changed payment over a restart; resolves when it is written. */
  save(payment: Payment): Promise<void>;
  /** Address of the page that stands for the payer's app. */
  cashierUrl(codeId: string): string;
  /** Hears of every new code. */
  onCode(payment: Payment): void;
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

type Operation = (deps: OperationDeps, call: OperationCall) => Promise<Answer>;

const OPERATIONS: Record<OperationName, Operation> = {
  createCode,
  deleteCode: deleteCodeById,
  paymentDetails,
  cancelPayment: cancelPaymentById,
  refund,
  refundDetails,
};

/** Runs one operation; a malformed request becomes PayPay's answer to it. */
export async function runOperation(
  name: OperationName,
  deps: OperationDeps,
  call: OperationCall,
): Promise<Answer> {
  try {
    return await OPERATIONS[name](deps, call);
  } catch (error) {
    if (error instanceof RequestFault) {
      return refuse(error.result);
    }
    throw error;
  }
}

async function createCode(deps: OperationDeps, call: OperationCall): Promise<Answer> {
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
  deps.onCode(payment);
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
    deeplink: `paypay://payment?link_key=${encodeURIComponent(url)}`,
    request,
    createdAt: call.now,
    expiresAt: call.now + lifetimeSeconds * 1000,
    refunds: [],
    moneyTaken: 0,
    moneyReturned: 0,
  };
}

async function deleteCodeById(deps: OperationDeps, call: OperationCall): Promise<Answer> {
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

async function paymentDetails(deps: OperationDeps, call: OperationCall): Promise<Answer> {
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

/** The sources disagree on unpaid codes (FAQ: CREATED for ever; API document: not found), hence three switches. */
function isShownUnpaid(payment: Payment, now: number, behaviour: SandboxBehaviour): boolean {
  if (payment.deletedAt !== undefined && behaviour.deletedCodeDetails === 'not_found') {
    return false;
  }
  if (now >= payment.expiresAt) {
    return now < payment.expiresAt + behaviour.expiredCodeGraceSeconds * 1000;
  }
  return behaviour.unpaidCodeDetails === 'created';
}

async function cancelPaymentById(deps: OperationDeps, call: OperationCall): Promise<Answer> {
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

async function refund(deps: OperationDeps, call: OperationCall): Promise<Answer> {
  const { paymentId, ...request } = readRefundRequest(call.body);
  const payment = deps.ledger.findByPaymentId(call.merchantId, paymentId, call.now);
  const httpStatus = deps.behaviour.refundHttpStatus;
  if (!payment) {
    // PayPay fails in its own way when it is given the merchant's id in place of its own.
    const isMerchantPaymentId = deps.ledger.find(call.merchantId, paymentId, call.now) !== undefined;
    return refuse(isMerchantPaymentId ? 'REQUEST_TIMED_OUT' : 'RESOURCE_NOT_FOUND');
  }
  const earlier = payment.refunds.find((one) => one.merchantRefundId === request.merchantRefundId);
  if (earlier) {
    return { result: 'SUCCESS', data: presentRefund(payment, earlier), httpStatus };
  }
  const outcome = refundPayment(payment, request, call.now, deps.behaviour);
  if (typeof outcome === 'string') {
    return refuse(outcome);
  }
  await deps.save(payment);
  return { result: 'SUCCESS', data: presentRefund(payment, outcome), httpStatus };
}

async function refundDetails(deps: OperationDeps, call: OperationCall): Promise<Answer> {
  const paymentId = call.query.get('paymentId');
  for (const payment of deps.ledger.list(call.now).reverse()) {
    const isRight = payment.merchantId === call.merchantId && (!paymentId || payment.paymentId === paymentId);
    const found = isRight && payment.refunds.find((one) => one.merchantRefundId === call.subject);
    if (found) {
      return { result: 'SUCCESS', data: presentRefund(payment, found) };
    }
  }
  return refuse('NO_SUCH_REFUND_ORDER');
}

function refuse(result: ResultName): Answer {
  return { result, data: null };
}
