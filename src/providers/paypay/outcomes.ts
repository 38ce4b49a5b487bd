/**
 * THE table from PayPay's result codes to the gateway's outcomes, after "PayPay Open Payment API, Dynamic QR" (result
 * codes per operation) and the SDK guides. A code decides first; the HTTP status only as a class, for codes that are not
 * listed. The rule for what is not listed: when in doubt about an effect, it is unknown, never a failure.
 */
import type { Declined, OutcomeReason, Unavailable, Unknown } from '../provider.ts';
import type { PayPayOperation, PayPayResponse } from './transport.ts';

export type Decision =
  | 'success'
  /** The id is in use. */
  | 'duplicate'
  | 'not_found'
  | 'already_paid'
  /** Understood and refused; nothing took effect. */
  | 'declined'
  /** Not done, try later. */
  | 'unavailable'
  | 'unknown';

/** The same in every operation. */
const COMMON: Readonly<Record<string, Decision>> = {
  SUCCESS: 'success',
  REQUEST_ACCEPTED: 'success',
  INVALID_REQUEST_PARAMS: 'declined',
  MISSING_REQUEST_PARAMS: 'declined',
  INVALID_PARAMS: 'declined',
  UNAUTHORIZED: 'declined',
  OP_OUT_OF_SCOPE: 'declined',
  OPA_CLIENT_NOT_FOUND: 'declined',
  RATE_LIMIT: 'unavailable',
  MAINTENANCE_MODE: 'unavailable',
  // 500: "something went wrong at PayPay", which says nothing about the effect.
  SERVICE_ERROR: 'unknown',
  INTERNAL_SERVER_ERROR: 'unknown',
  // 500, but a definite failure by the SDK guides.
  TRANSACTION_FAILED: 'declined',
};

const BY_OPERATION: Readonly<Record<PayPayOperation, Readonly<Record<string, Decision>>>> = {
  createCode: {
    DUPLICATE_DYNAMIC_QR_REQUEST: 'duplicate',
    PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT: 'declined',
    PRE_AUTH_CAPTURE_INVALID_EXPIRY_DATE: 'declined',
    DYNAMIC_QR_BAD_REQUEST: 'declined',
  },
  deleteCode: {
    DYNAMIC_QR_NOT_FOUND: 'not_found',
    DYNAMIC_QR_BAD_REQUEST: 'declined',
    // In the SDK guides, no longer in the API document: handled either way.
    DYNAMIC_QR_ALREADY_PAID: 'already_paid',
  },
  paymentDetails: {
    DYNAMIC_QR_PAYMENT_NOT_FOUND: 'not_found',
    // A read that was refused has told nothing about the payment.
    DYNAMIC_QR_BAD_REQUEST: 'unknown',
    ORDER_NO_LONGER_AVAILABLE: 'unknown',
  },
  cancelPayment: {
    ORDER_NOT_REVERSIBLE: 'declined',
    ORDER_NO_LONGER_AVAILABLE: 'declined',
    RESOURCE_NOT_FOUND: 'declined',
  },
  createRefund: {
    UNACCEPTABLE_OP: 'declined',
    CANCELED_USER: 'declined',
    // A similar refund is in progress: after a minute it may be asked again.
    THROTTLED_MULTIPLE_REFUND_REJECTED: 'unavailable',
    REFUND_LIMIT_EXCEEDED: 'declined',
    REFUND_WINDOW_EXCEED: 'declined',
    ORDER_NO_LONGER_AVAILABLE: 'declined',
    USER_STATE_IS_NOT_ACTIVE: 'declined',
    MERCHANT_MULTIPLE_REFUND_REJECTED: 'declined',
    RESOURCE_NOT_FOUND: 'declined',
    NO_SUCH_REFUND_ORDER: 'declined',
  },
  refundDetails: {
    NO_SUCH_REFUND_ORDER: 'not_found',
    ORDER_NO_LONGER_AVAILABLE: 'declined',
  },
};

/** Numbers PayPay gives where a code is missing. */
const BY_CODE_ID: Readonly<Record<string, Decision>> = {
  '08100001': 'success',
  '08100016': 'declined',
  '08100023': 'declined',
  '08100998': 'unavailable',
  '08100999': 'unavailable',
  '08101000': 'unknown',
  '01652072': 'not_found',
  '01652073': 'duplicate',
  '01652074': 'already_paid',
  '01652075': 'not_found',
};

/** Operations whose refusal of an unlisted kind tells nothing: they only read. */
const READS: ReadonlySet<PayPayOperation> = new Set(['paymentDetails', 'refundDetails']);

/** What an answer means. */
export function decide(operation: PayPayOperation, answer: PayPayResponse): Decision {
  switch (answer.kind) {
    case 'not_sent':
      return 'unavailable';
    case 'no_answer':
    case 'unreadable':
      return answer.kind === 'unreadable' && answer.httpStatus === 429 ? 'unavailable' : 'unknown';
    case 'answer':
      return decideByCode(operation, answer);
  }
}

function decideByCode(operation: PayPayOperation, answer: PayPayResponse & { kind: 'answer' }): Decision {
  const { code, codeId, httpStatus } = answer;
  const listed = code === undefined ? undefined : (BY_OPERATION[operation][code] ?? COMMON[code]);
  const decision =
    listed ?? (codeId === undefined ? undefined : BY_CODE_ID[codeId]) ?? decideByClass(operation, httpStatus);
  // A word of success on an error status, or a refusal to read by wrong parameters: neither tells the truth.
  if (decision === 'success' && httpStatus >= 300) {
    return 'unknown';
  }
  return decision === 'declined' && READS.has(operation) ? 'unknown' : decision;
}

function decideByClass(operation: PayPayOperation, httpStatus: number): Decision {
  if (httpStatus === 429) {
    return 'unavailable';
  }
  return httpStatus >= 400 && httpStatus < 500 && !READS.has(operation) ? 'declined' : 'unknown';
}

const DEFAULT_RETRY_MS = 5_000;

/** The outcome for a verdict that is no success and means the same in every operation. */
export function failureOutcome(
  decision: 'declined' | 'unavailable' | 'unknown',
  answer: PayPayResponse,
): Declined | Unavailable | Unknown {
  const reason = reasonOf(answer);
  if (decision !== 'unavailable') {
    return { kind: decision, reason };
  }
  const retryAfterMs = answer.kind === 'answer' ? answer.retryAfterMs : undefined;
  return { kind: 'unavailable', reason, retryAfterMs: retryAfterMs ?? DEFAULT_RETRY_MS };
}

/** An answer that says success but not what it must say. */
export function unreadableAnswer(message: string, answer: PayPayResponse): Unknown {
  return { kind: 'unknown', reason: withRequestId({ code: 'unreadable_answer', message }, answer) };
}

/** Why, in a word of ours and a sentence; PayPay's own message is not passed on, for it may hold anything. */
export function reasonOf(answer: PayPayResponse): OutcomeReason {
  switch (answer.kind) {
    case 'not_sent':
      return { code: 'not_reachable', message: 'PayPay could not be reached' };
    case 'no_answer':
      return answer.isTimeout
        ? { code: 'timeout', message: 'PayPay did not answer in time' }
        : { code: 'connection_lost', message: 'The connection to PayPay was lost before its answer' };
    case 'unreadable':
      return withRequestId(
        { code: 'unreadable_answer', message: `PayPay's answer (HTTP ${answer.httpStatus}) is not readable` },
        answer,
      );
    case 'answer': {
      const code = answer.code ?? answer.codeId ?? `http_${answer.httpStatus}`;
      return withRequestId(
        { code: code.toLowerCase().slice(0, 64), message: `PayPay answered ${code.slice(0, 64)}` },
        answer,
      );
    }
  }
}

function withRequestId(reason: OutcomeReason, answer: PayPayResponse): OutcomeReason {
  const providerRequestId = 'requestId' in answer ? answer.requestId : undefined;
  return providerRequestId === undefined ? reason : { ...reason, providerRequestId };
}
