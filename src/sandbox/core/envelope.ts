/**
 * The envelope that PayPay puts around every answer, errors included: `resultInfo` with code, message and codeId,
 * beside `data`. PayPay's Python and PHP clients fail on an answer without it, so nothing under the API's paths may
 * be answered in another form.
 */
import type { Answer } from './operation.ts';
import { getResultCode } from './result-codes.ts';

/** An answer as it goes on the wire. */
export interface Reply {
  readonly httpStatus: number;
  readonly body: {
    readonly resultInfo: { readonly code: string; readonly message: string; readonly codeId: string };
    readonly data: object | null;
  };
}

/** Wraps an answer. PayPay may end an error's message with the request id, so the sandbox always does. */
export function wrapAnswer(answer: Answer, requestId: string): Reply {
  const { httpStatus, code, codeId, message } = getResultCode(answer.result);
  const isError = httpStatus >= 400;
  return {
    httpStatus: answer.httpStatus ?? httpStatus,
    body: {
      resultInfo: { code, message: isError ? `${message} | [${requestId}]` : message, codeId },
      data: answer.data,
    },
  };
}

/** Writes the reply to an HTTP response, such as Koa's context. */
export function writeReply(response: { status: number; body: unknown }, reply: Reply): void {
  response.status = reply.httpStatus;
  response.body = reply.body;
}
