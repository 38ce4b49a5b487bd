/**
 * The names of the simulated operations, and the form of what they answer.
 */
import type { ResultName } from './result-codes.ts';

/** Names under which faults are set and calls are counted. */
export const OPERATION_NAMES = [
  'createCode',
  'deleteCode',
  'paymentDetails',
  'cancelPayment',
  'refund',
  'refundDetails',
] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

/** What PayPay answers: a result code, and data unless it is an error. */
export interface Answer {
  readonly result: ResultName;
  readonly data: object | null;
  /** Overrides the documented HTTP status where PayPay is known to differ. */
  readonly httpStatus?: number;
}
