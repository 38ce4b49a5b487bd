/**
 * PayPay's result codes: HTTP status, code, codeId and message of each response the sandbox can give. Status and code
 * follow the PayPay OPA Dynamic QR document. The codeIds and messages come from the guides of PayPay's SDKs, because
 * the document no longer lists them; an empty codeId was never published.
 */

export interface ResultCode {
  readonly httpStatus: number;
  readonly code: string;
  readonly codeId: string;
  readonly message: string;
}

const TABLE = {
  SUCCESS: [200, 'SUCCESS', '08100001', 'Success'],
  CODE_CREATED: [201, 'SUCCESS', '08100001', 'Success'],
  REQUEST_ACCEPTED: [202, 'REQUEST_ACCEPTED', '08100001', 'Request accepted'],

  INVALID_REQUEST_PARAMS: [400, 'INVALID_REQUEST_PARAMS', '08100006', 'Invalid request params'],
  MISSING_REQUEST_PARAMS: [400, 'MISSING_REQUEST_PARAMS', '08100024', ''],
  UNAUTHORIZED: [401, 'UNAUTHORIZED', '08100016', 'Unauthorized request'],
  OP_OUT_OF_SCOPE: [401, 'OP_OUT_OF_SCOPE', '08100023', 'The operation is not permitted'],
  RATE_LIMIT: [429, 'RATE_LIMIT', '08100998', 'Too many requests'],
  SERVICE_ERROR: [500, 'SERVICE_ERROR', '08100026', ''],
  INTERNAL_SERVER_ERROR: [
    500,
    'INTERNAL_SERVER_ERROR',
    '08101000',
    'Something went wrong on PayPay service side',
  ],
  MAINTENANCE_MODE: [503, 'MAINTENANCE_MODE', '08100999', 'Sorry, we are down for scheduled maintenance'],
  RESOURCE_NOT_FOUND: [404, 'RESOURCE_NOT_FOUND', '00200001', 'Order not found'],

  DUPLICATE_DYNAMIC_QR_REQUEST: [
    400,
    'DUPLICATE_DYNAMIC_QR_REQUEST',
    '01652073',
    'Duplicate Dynamic QR request error',
  ],
  PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT: [
    400,
    'PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT',
    '00400060',
    'Merchant does not support pre-auth capture',
  ],
  DYNAMIC_QR_BAD_REQUEST: [400, 'DYNAMIC_QR_BAD_REQUEST', '01650000', 'Dynamic QR bad request error'],
  DYNAMIC_QR_PAYMENT_NOT_FOUND: [
    400,
    'DYNAMIC_QR_PAYMENT_NOT_FOUND',
    '01652075',
    'Dynamic QR payment not found',
  ],
  DYNAMIC_QR_NOT_FOUND: [404, 'DYNAMIC_QR_NOT_FOUND', '01652072', 'Dynamic qr code not found'],
  DYNAMIC_QR_ALREADY_PAID: [400, 'DYNAMIC_QR_ALREADY_PAID', '01652074', 'Dynamic QR already paid'],

  ORDER_NOT_REVERSIBLE: [400, 'ORDER_NOT_REVERSIBLE', '00200044', 'Order cannot be reversed'],
  ORDER_NO_LONGER_AVAILABLE: [400, 'ORDER_NO_LONGER_AVAILABLE', '', 'Order is no longer available'],

  INVALID_PARAMS: [400, 'INVALID_PARAMS', '00200004', 'Invalid parameters received'],
  INVALID_REFUND_AMOUNT: [400, 'INVALID_PARAMS', '00200015', 'Invalid refund amount'],
  ORDER_NOT_REFUNDABLE: [400, 'UNACCEPTABLE_OP', '00200013', 'Order cannot be refunded'],
  CANCELED_USER: [400, 'CANCELED_USER', '01103027', 'Canceled user'],
  THROTTLED_MULTIPLE_REFUND_REJECTED: [
    400,
    'THROTTLED_MULTIPLE_REFUND_REJECTED',
    '',
    'A similar refund is in progress, try again after one minute',
  ],
  REFUND_LIMIT_EXCEEDED: [400, 'REFUND_LIMIT_EXCEEDED', '', 'Too many refunds of this order'],
  REFUND_WINDOW_EXCEED: [400, 'REFUND_WINDOW_EXCEED', '', 'The refund period is over'],
  USER_STATE_IS_NOT_ACTIVE: [401, 'USER_STATE_IS_NOT_ACTIVE', '', 'User is not active'],
  MERCHANT_MULTIPLE_REFUND_REJECTED: [
    403,
    'MERCHANT_MULTIPLE_REFUND_REJECTED',
    '',
    'Multiple refund is not enabled',
  ],
  NO_SUCH_REFUND_ORDER: [404, 'NO_SUCH_REFUND_ORDER', '00200018', 'Refund not found'],
  TRANSACTION_FAILED: [500, 'TRANSACTION_FAILED', '00200002', 'Transaction failed'],
  REQUEST_TIMED_OUT: [500, 'INTERNAL_SERVER_ERROR', '00200034', 'Request timed out'],
} as const satisfies Record<string, readonly [number, string, string, string]>;

/** Name of a row. It differs from `code` where one code has several codeIds. */
export type ResultName = keyof typeof TABLE;

/** Returns the row with this name. */
export function getResultCode(name: ResultName): ResultCode {
  const [httpStatus, code, codeId, message] = TABLE[name];
  return { httpStatus, code, codeId, message };
}

/** Whether untrusted text is the name of a row. */
export function isResultName(text: string): text is ResultName {
  return Object.hasOwn(TABLE, text);
}
