/**
 * The envelope around every response of PayPay, errors included: `resultInfo` with code, message and codeId, beside
 * `data`. PayPay's Python and PHP clients fail on a response without it, so every response under the API's paths
 * must have it.
 */
import type { OperationResponse } from './operation.ts';
import { getResultCode } from './result-codes.ts';

/** A response as it is sent. */
export interface Reply {
  readonly httpStatus: number;
  readonly body: {
    readonly resultInfo: { readonly code: string; readonly message: string; readonly codeId: string };
    readonly data: object | null;
  };
}

/** Wraps a response. PayPay may append the request id to an error's message; the sandbox always does. */
export function wrapResponse(response: OperationResponse, requestId: string): Reply {
  const { httpStatus, code, codeId, message } = getResultCode(response.result);
  const isError = httpStatus >= 400;
  return {
    httpStatus: response.httpStatus ?? httpStatus,
    body: {
      resultInfo: { code, message: isError ? `${message} | [${requestId}]` : message, codeId },
      data: response.data,
    },
  };
}

/** Writes the reply to an HTTP response, such as Koa's context. */
export function writeReply(response: { status: number; body: unknown }, reply: Reply): void {
  response.status = reply.httpStatus;
  response.body = reply.body;
}
