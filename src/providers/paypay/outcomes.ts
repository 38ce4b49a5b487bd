/**
 * The only table that maps PayPay's result codes to the gateway's outcomes, based on "PayPay Open Payment API, Dynamic
 * QR" (result codes per operation) and the SDK guides. The code decides; the class of the HTTP status decides only for
 * codes that are not listed. If an unlisted code may have had an effect, the outcome is unknown, never a failure.
 */
import type { Declined, OutcomeReason, Unavailable, Unknown } from '../provider.ts';
import type { PayPayOperation, PayPayResponse } from './transport.ts';

export type Decision =
  | 'success'
  /** The merchant's id is already in use. */
  | 'duplicate'
  | 'not_found'
  | 'already_paid'
  /** Understood and refused; nothing took effect. */
  | 'declined'
  /** Nothing took effect; a retry may succeed. */
  | 'unavailable'
  | 'unknown';

/** Codes with the same meaning in every operation. */
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
  // HTTP 500, "something went wrong at PayPay": the effect is not known.
  SERVICE_ERROR: 'unknown',
  INTERNAL_SERVER_ERROR: 'unknown',
  // HTTP 500, but a definite failure according to the SDK guides.
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
    // Documented in the SDK guides, but no longer in the API documentation.
    DYNAMIC_QR_ALREADY_PAID: 'already_paid',
  },
  paymentDetails: {
    DYNAMIC_QR_PAYMENT_NOT_FOUND: 'not_found',
    // A refused read says nothing about the payment.
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
    // A similar refund is in progress: the request may be repeated after a minute.
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
    // Neither can the refund be made any more, so a repetition is refused and does no harm.
    ORDER_NO_LONGER_AVAILABLE: 'not_found',
  },
};

/** Numeric ids that PayPay sends where the code is missing. */
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

/** Operations that only read: a refusal says nothing about the payment or refund. */
const READS: ReadonlySet<PayPayOperation> = new Set(['paymentDetails', 'refundDetails']);

/** What a response means for the operation. */
export function decide(operation: PayPayOperation, response: PayPayResponse): Decision {
  switch (response.kind) {
    case 'not_sent':
      return 'unavailable';
    case 'no_answer':
    case 'unreadable':
      return response.kind === 'unreadable' && response.httpStatus === 429 ? 'unavailable' : 'unknown';
    case 'answer':
      return decideByCode(operation, response);
  }
}

function decideByCode(operation: PayPayOperation, response: PayPayResponse & { kind: 'answer' }): Decision {
  const { code, codeId, httpStatus } = response;
  const listed = code === undefined ? undefined : (BY_OPERATION[operation][code] ?? COMMON[code]);
  const decision =
    listed ?? (codeId === undefined ? undefined : BY_CODE_ID[codeId]) ?? decideByClass(operation, httpStatus);
  // A success code with an error status is contradictory, and a refused read says nothing: both are unknown.
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

/** The outcome of a decision that is not a success and means the same in every operation. */
export function failureOutcome(
  decision: 'declined' | 'unavailable' | 'unknown',
  response: PayPayResponse,
): Declined | Unavailable | Unknown {
  const reason = reasonOf(response);
  if (decision !== 'unavailable') {
    return { kind: decision, reason };
  }
  const retryAfterMs = response.kind === 'answer' ? response.retryAfterMs : undefined;
  return { kind: 'unavailable', reason, retryAfterMs: retryAfterMs ?? DEFAULT_RETRY_MS };
}

/** The outcome of a success response that lacks required fields or contradicts the request. */
export function unreadableResponse(message: string, response: PayPayResponse): Unknown {
  return { kind: 'unknown', reason: withRequestId({ code: 'unreadable_answer', message }, response) };
}

/** The reason as a code and a sentence. PayPay's own message is not passed on, because it may contain anything. */
export function reasonOf(response: PayPayResponse): OutcomeReason {
  switch (response.kind) {
    case 'not_sent':
      return { code: 'not_reachable', message: 'PayPay could not be reached' };
    case 'no_answer':
      return response.isTimeout
        ? { code: 'timeout', message: 'PayPay did not answer in time' }
        : { code: 'connection_lost', message: 'The connection to PayPay was lost before it responded' };
    case 'unreadable':
      return withRequestId(
        {
          code: 'unreadable_answer',
          message: `PayPay's response (HTTP ${response.httpStatus}) is not readable`,
        },
        response,
      );
    case 'answer': {
      const code = response.code ?? response.codeId ?? `http_${response.httpStatus}`;
      return withRequestId(
        { code: code.toLowerCase().slice(0, 64), message: `PayPay answered ${code.slice(0, 64)}` },
        response,
      );
    }
  }
}

function withRequestId(reason: OutcomeReason, response: PayPayResponse): OutcomeReason {
  const providerRequestId = 'requestId' in response ? response.requestId : undefined;
  return providerRequestId === undefined ? reason : { ...reason, providerRequestId };
}
