/**
 * What merchants called, for tests that count calls and for people who look on. A bounded record, not an audit: the
 * oldest entries go.
 */
import type { OperationName } from '../core/operation.ts';
import type { FaultKind } from '../faults/faults.ts';

export interface ApiCall {
  readonly at: string;
  readonly operation: OperationName;
  readonly merchantId: string;
  /** The id in the path; empty for POST. */
  readonly subject: string;
  readonly requestId: string;
  /** Absent while the call is under way, and for ever when it hung or was reset. */
  httpStatus?: number;
  /** What the operation itself came to, also when a fault hid it from the caller; absent when it never ran. */
  code?: string;
  fault?: FaultKind;
}

export interface CallLog {
  append(call: ApiCall): void;
  /** Newest last. */
  list(): ApiCall[];
  clear(): void;
}

const MAX_CALLS = 10_000;

/** An empty record. */
export function createCallLog(): CallLog {
  let calls: ApiCall[] = [];
  return {
    append(call) {
      calls.push(call);
      if (calls.length > 2 * MAX_CALLS) {
        calls = calls.slice(-MAX_CALLS);
      }
    },
    list: () => calls.slice(-MAX_CALLS),
    clear: () => {
      calls = [];
    },
  };
}
