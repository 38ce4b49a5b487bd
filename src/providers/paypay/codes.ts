/**
 * Dynamic QR at PayPay: create a code, delete it, read its payment, cancel it ("PayPay Open Payment API, Dynamic QR").
 * Answers are parsed defensively: what does not say what it must say is unknown, never believed.
 */
import type {
  CancelPaymentOutcome,
  CodePayments,
  CreateCodeOutcome,
  CreateCodeRequest,
  DeleteCodeOutcome,
  PaymentObservation,
  ProviderMoney,
} from '../provider.ts';
import { decide, failureOutcome, reasonOf, unreadableAnswer } from './outcomes.ts';
import { objectOf, type PayPayCall, type PayPayResponse, stringOf } from './transport.ts';

export type Send = (call: PayPayCall) => Promise<PayPayResponse>;

/** PayPay's limit for descriptions, store and terminal ids. */
const MAX_TEXT_LENGTH = 255;
const JST_OFFSET_MS = 9 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Cancel is possible until 00:14:59 JST of the next day; ends a minute early, for a call takes time and clocks differ. */
const CANCEL_WINDOW_END_MS = 14 * 60_000;

export function createCodePayments(send: Send): CodePayments {
  return {
    async createCode(request) {
      const answer = await send(createCodeCall(request));
      return toCreateCodeOutcome(request, answer);
    },
    async deleteCode({ account, codeId }) {
      const path = `/v2/codes/${encodeURIComponent(codeId)}`;
      return toDeleteCodeOutcome(
        await send({ operation: 'deleteCode', method: 'DELETE', path, merchantId: account.merchantId }),
      );
    },
    async readPayment({ account, attemptId }) {
      const path = `/v2/codes/payments/${encodeURIComponent(attemptId)}`;
      const { merchantId } = account;
      return toObservation(
        attemptId,
        await send({ operation: 'paymentDetails', method: 'GET', path, merchantId }),
      );
    },
    async cancelPayment({ account, attemptId }) {
      const path = `/v2/payments/${encodeURIComponent(attemptId)}`;
      return toCancelOutcome(
        await send({ operation: 'cancelPayment', method: 'DELETE', path, merchantId: account.merchantId }),
      );
    },
    cancellableUntil,
  };
}

/** Until when a payment may be cancelled: 00:14 JST of the day after it was taken. */
export function cancellableUntil(paidAt: Date): Date {
  const dayStartJst = Math.floor((paidAt.getTime() + JST_OFFSET_MS) / DAY_MS) * DAY_MS;
  return new Date(dayStartJst + DAY_MS + CANCEL_WINDOW_END_MS - JST_OFFSET_MS);
}

function createCodeCall(request: CreateCodeRequest): PayPayCall {
  const { account, attemptId, amount, currency, description, storeId, terminalId, requestedAt } = request;
  return {
    operation: 'createCode',
    method: 'POST',
    path: '/v2/codes',
    merchantId: account.merchantId,
    body: {
      merchantPaymentId: attemptId,
      amount: { amount, currency },
      codeType: 'ORDER_QR',
      requestedAt: Math.floor(requestedAt.getTime() / 1000),
      ...(description !== undefined && { orderDescription: description.slice(0, MAX_TEXT_LENGTH) }),
      ...(storeId !== undefined && { storeId: storeId.slice(0, MAX_TEXT_LENGTH) }),
      ...(terminalId !== undefined && { terminalId: terminalId.slice(0, MAX_TEXT_LENGTH) }),
    },
  };
}

function toCreateCodeOutcome(request: CreateCodeRequest, answer: PayPayResponse): CreateCodeOutcome {
  const decision = decide('createCode', answer);
  switch (decision) {
    case 'success':
      return readCode(request, answer);
    case 'duplicate':
      return { kind: 'duplicate', reason: reasonOf(answer) };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, answer);
    default:
      return failureOutcome('unknown', answer);
  }
}

/** A code for another sum, or of another payment, must never be shown. */
function readCode(request: CreateCodeRequest, answer: PayPayResponse): CreateCodeOutcome {
  const data = dataOf(answer);
  const codeId = stringOf(data?.['codeId']);
  const url = stringOf(data?.['url']);
  const expiryDate = data?.['expiryDate'];
  const money = moneyOf(data?.['amount']);
  if (!codeId || !url || !URL.canParse(url) || typeof expiryDate !== 'number' || !isEpoch(expiryDate)) {
    return unreadableAnswer('PayPay created a code but did not say which', answer);
  }
  if (data?.['merchantPaymentId'] !== request.attemptId) {
    return unreadableAnswer('PayPay answered with the code of another payment', answer);
  }
  if (money?.amount !== request.amount || money.currency !== request.currency) {
    return unreadableAnswer('PayPay answered with a code for another sum', answer);
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

function toDeleteCodeOutcome(answer: PayPayResponse): DeleteCodeOutcome {
  const decision = decide('deleteCode', answer);
  switch (decision) {
    case 'success':
      return { kind: 'succeeded' };
    case 'not_found':
    case 'already_paid':
      return { kind: decision };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, answer);
    default:
      return failureOutcome('unknown', answer);
  }
}

function toCancelOutcome(answer: PayPayResponse): CancelPaymentOutcome {
  const decision = decide('cancelPayment', answer);
  switch (decision) {
    case 'success':
      return { kind: 'accepted' };
    case 'declined':
    case 'unavailable':
      return failureOutcome(decision, answer);
    default:
      return failureOutcome('unknown', answer);
  }
}

function toObservation(attemptId: string, answer: PayPayResponse): PaymentObservation {
  const decision = decide('paymentDetails', answer);
  if (decision === 'success') {
    return readPaymentDetails(attemptId, answer);
  }
  if (decision === 'not_found') {
    return { kind: 'not_found' };
  }
  const failure = failureOutcome(decision === 'unavailable' ? decision : 'unknown', answer);
  return failure.kind === 'declined' ? { ...failure, kind: 'unknown' } : failure;
}

function readPaymentDetails(attemptId: string, answer: PayPayResponse): PaymentObservation {
  const data = dataOf(answer);
  const answeredId = data?.['merchantPaymentId'];
  if (!data || (answeredId !== undefined && answeredId !== attemptId)) {
    return unreadableAnswer('PayPay answered with the details of another payment', answer);
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
      return readTakenMoney(data, answer);
    default:
      return unreadableAnswer('PayPay answered with a payment status that is not known', answer);
  }
}

function readTakenMoney(data: Record<string, unknown>, answer: PayPayResponse): PaymentObservation {
  const providerPaymentId = stringOf(data['paymentId']);
  const money = moneyOf(data['amount']);
  const acceptedAt = data['acceptedAt'];
  if (
    data['merchantPaymentId'] === undefined ||
    !providerPaymentId ||
    providerPaymentId.length > 64 ||
    !money
  ) {
    return unreadableAnswer('PayPay reports a payment without saying which or how much', answer);
  }
  if (typeof acceptedAt !== 'number' || !isEpoch(acceptedAt)) {
    return unreadableAnswer('PayPay reports a payment without saying when', answer);
  }
  const paidAt = new Date(acceptedAt * 1000);
  const refunds = refundedAmountOf(data);
  // After a partial refund the status may be either; the refunds themselves are counted. Without them, REFUNDED is all.
  const isReturned = data['status'] === 'REFUNDED' && (refunds === undefined || refunds >= money.amount);
  return isReturned
    ? { kind: 'returned', providerPaymentId, money, paidAt }
    : { kind: 'succeeded', providerPaymentId, money, paidAt, refundedAmount: refunds ?? 0 };
}

/** The sum of refunds taken on or done; undefined when the answer lists none. */
function refundedAmountOf(data: Record<string, unknown>): number | undefined {
  const list = objectOf(data['refunds'])?.['data'];
  if (!Array.isArray(list) || list.length === 0) {
    return undefined;
  }
  return list
    .map(objectOf)
    .filter((refund) => refund?.['status'] === 'REFUNDED' || refund?.['status'] === 'CREATED')
    .reduce((sum, refund) => sum + (moneyOf(refund?.['amount'])?.amount ?? 0), 0);
}

function moneyOf(value: unknown): ProviderMoney | undefined {
  const { amount, currency } = objectOf(value) ?? {};
  return typeof amount === 'number' &&
    Number.isSafeInteger(amount) &&
    amount > 0 &&
    typeof currency === 'string'
    ? { amount, currency }
    : undefined;
}

/** A moment in seconds that a Date can hold and that is not "none" (PayPay writes 0 for that). */
function isEpoch(seconds: number): boolean {
  return seconds > 0 && seconds < 100_000_000_000;
}

function dataOf(answer: PayPayResponse): Record<string, unknown> | undefined {
  return answer.kind === 'answer' ? objectOf(answer.data) : undefined;
}
