/**
 * Dynamic QR at PayPay: create a code, delete it, read its payment, cancel it ("PayPay Open Payment API, Dynamic QR").
 * Responses are parsed defensively: one that lacks a required field is an unknown outcome, never a success.
 */
import type {
  CancelPaymentOutcome,
  CodePayments,
  CreateCodeOutcome,
  CreateCodeRequest,
  DeleteCodeOutcome,
  PaymentObservation,
} from '../provider.ts';
import { decide, failureOutcome, reasonOf, unreadableResponse } from './outcomes.ts';
import { readRefundList } from './refund-list.ts';
import { textFields } from './text.ts';
import { objectOf, type PayPayCall, type PayPayResponse, stringOf } from './transport.ts';
import { isEpoch, moneyOf } from './values.ts';

export type Send = (call: PayPayCall) => Promise<PayPayResponse>;

const JST_OFFSET_MS = 9 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** PayPay accepts a cancel until 00:14:59 JST of the next day. One minute less: calls take time and clocks differ. */
const CANCEL_WINDOW_END_MS = 14 * 60_000;

export function createCodePayments(send: Send): CodePayments {
  return {
    async createCode(request) {
      const response = await send(createCodeCall(request));
      return toCreateCodeOutcome(request, response);
    },
    async deleteCode({ account: { merchantId }, attemptId: objectId, codeId }) {
      const path = `/v2/codes/${encodeURIComponent(codeId)}`;
      return toDeleteCodeOutcome(
        await send({ operation: 'deleteCode', objectId, method: 'DELETE', path, merchantId }),
      );
    },
    async readPayment({ account, attemptId }) {
      const path = `/v2/codes/payments/${encodeURIComponent(attemptId)}`;
      const { merchantId } = account;
      return toObservation(
        attemptId,
        await send({ operation: 'paymentDetails', objectId: attemptId, method: 'GET', path, merchantId }),
      );
    },
    async cancelPayment({ account: { merchantId }, attemptId }) {
      const path = `/v2/payments/${encodeURIComponent(attemptId)}`;
      return toCancelOutcome(
        await send({ operation: 'cancelPayment', objectId: attemptId, method: 'DELETE', path, merchantId }),
      );
    },
    cancellableUntil,
  };
}

/** The time until which a payment can be cancelled: 00:14 JST of the day after it was taken. */
export function cancellableUntil(paidAt: Date): Date {
  const dayStartJst = Math.floor((paidAt.getTime() + JST_OFFSET_MS) / DAY_MS) * DAY_MS;
  return new Date(dayStartJst + DAY_MS + CANCEL_WINDOW_END_MS - JST_OFFSET_MS);
}

function createCodeCall(request: CreateCodeRequest): PayPayCall {
  const { account, attemptId, amount, currency, description, storeId, terminalId, requestedAt } = request;
  return {
    operation: 'createCode',
    objectId: attemptId,
    method: 'POST',
    path: '/v2/codes',
    merchantId: account.merchantId,
    body: {
      merchantPaymentId: attemptId,
      amount: { amount, currency },
      codeType: 'ORDER_QR',
      requestedAt: Math.floor(requestedAt.getTime() / 1000),
      ...textFields({ orderDescription: description, storeId, terminalId }),
    },
  };
}

function toCreateCodeOutcome(request: CreateCodeRequest, response: PayPayResponse): CreateCodeOutcome {
  const decision = decide('createCode', response);
  switch (decision) {
    case 'success':
      return readCode(request, response);
    case 'duplicate':
      return { kind: 'duplicate', reason: reasonOf(response) };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, response);
    default:
      return failureOutcome('unknown', response);
  }
}

/** A code for a different amount or a different payment must never be shown. */
function readCode(request: CreateCodeRequest, response: PayPayResponse): CreateCodeOutcome {
  const data = dataOf(response);
  const codeId = stringOf(data?.['codeId']);
  const url = stringOf(data?.['url']);
  const expiryDate = data?.['expiryDate'];
  const money = moneyOf(data?.['amount']);
  if (!codeId || !url || !URL.canParse(url) || typeof expiryDate !== 'number' || !isEpoch(expiryDate)) {
    return unreadableResponse('PayPay created a code but did not return it', response);
  }
  if (data?.['merchantPaymentId'] !== request.attemptId) {
    return unreadableResponse('PayPay returned the code of a different payment', response);
  }
  if (money?.amount !== request.amount || money.currency !== request.currency) {
    return unreadableResponse('PayPay returned a code for a different amount', response);
  }
  const deeplink = stringOf(data['deeplink']);
  return {
    kind: 'action_required',
    codeId,
    qrContent: url,
    ...(deeplink !== undefined && { deeplink }),
    expiresAt: new Date(expiryDate * 1000),
  };
}

function toDeleteCodeOutcome(response: PayPayResponse): DeleteCodeOutcome {
  const decision = decide('deleteCode', response);
  switch (decision) {
    case 'success':
      return { kind: 'succeeded' };
    case 'not_found':
    case 'already_paid':
      return { kind: decision };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, response);
    default:
      return failureOutcome('unknown', response);
  }
}

function toCancelOutcome(response: PayPayResponse): CancelPaymentOutcome {
  const decision = decide('cancelPayment', response);
  switch (decision) {
    case 'success':
      return { kind: 'accepted' };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, response);
    default:
      return failureOutcome('unknown', response);
  }
}

function toObservation(attemptId: string, response: PayPayResponse): PaymentObservation {
  const decision = decide('paymentDetails', response);
  if (decision === 'success') {
    return readPaymentDetails(attemptId, response);
  }
  if (decision === 'not_found') {
    return { kind: 'not_found' };
  }
  const failure = failureOutcome(decision === 'unavailable' ? decision : 'unknown', response);
  return failure.kind === 'declined' ? { ...failure, kind: 'unknown' } : failure;
}

function readPaymentDetails(attemptId: string, response: PayPayResponse): PaymentObservation {
  const data = dataOf(response);
  const responseId = data?.['merchantPaymentId'];
  if (!data || (responseId !== undefined && responseId !== attemptId)) {
    return unreadableResponse('PayPay returned the details of a different payment', response);
  }
  switch (data['status']) {
    case 'CREATED':
    case 'AUTHORIZED':
    case 'REAUTHORIZING':
      return { kind: 'pending' };
    case 'FAILED':
    case 'CANCELED':
    case 'EXPIRED':
      return {
        kind: 'failed',
        reason: { code: 'payment_failed', message: 'PayPay reports that the payment failed' },
      };
    case 'COMPLETED':
    case 'REFUNDED':
      return readTakenMoney(data, response);
    default:
      return unreadableResponse('PayPay returned an unknown payment status', response);
  }
}

function readTakenMoney(data: Record<string, unknown>, response: PayPayResponse): PaymentObservation {
  const providerPaymentId = stringOf(data['paymentId']);
  const money = moneyOf(data['amount']);
  const acceptedAt = data['acceptedAt'];
  if (
    data['merchantPaymentId'] === undefined ||
    !providerPaymentId ||
    providerPaymentId.length > 64 ||
    !money
  ) {
    return unreadableResponse('PayPay reports a payment without its id or amount', response);
  }
  if (typeof acceptedAt !== 'number' || !isEpoch(acceptedAt)) {
    return unreadableResponse('PayPay reports a payment without its time', response);
  }
  const paidAt = new Date(acceptedAt * 1000);
  const listed = readRefundList(data);
  const refundedAmount = listed?.reduce((sum, refund) => sum + refund.money.amount, 0);
  // After a partial refund the status may be COMPLETED or REFUNDED, so the refunds are summed. If none are listed,
  // REFUNDED means refunded in full.
  const isReturned =
    data['status'] === 'REFUNDED' && (refundedAmount === undefined || refundedAmount >= money.amount);
  if (isReturned) {
    return { kind: 'returned', providerPaymentId, money, paidAt, refunds: listed ?? [] };
  }
  const answeredAt = response.kind === 'answer' ? response.answeredAt : undefined;
  return {
    kind: 'succeeded',
    providerPaymentId,
    money,
    paidAt,
    ...(answeredAt && { answeredAt }),
    refundedAmount: refundedAmount ?? 0,
    refunds: listed ?? [],
  };
}

function dataOf(response: PayPayResponse): Record<string, unknown> | undefined {
  return response.kind === 'answer' ? objectOf(response.data) : undefined;
}
