/**
 * The names of the simulated operations, and what an operation returns before it is wrapped in the envelope.
 */
import type { ResultName } from './result-codes.ts';

/** The operations as named in faults and in the list of calls. */
export const OPERATION_NAMES = [
  'createCode',
  'deleteCode',
  'paymentDetails',
  'cancelPayment',
  'refund',
  'refundDetails',
] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

/** What an operation returns: a result code, and data unless it is an error. */
export interface OperationResponse {
  readonly result: ResultName;
  readonly data: object | null;
  /** Overrides the result code's HTTP status where a behaviour switch chooses another. */
  readonly httpStatus?: number;
}
