/**
 * Records the calls that merchants made, for tests that count calls and for testers. Not an audit log: it is bounded,
 * and the oldest entries are discarded first.
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
  /** Absent while the call is in progress, and permanently if it hung or was reset. */
  httpStatus?: number;
  /** Result code of the operation, even if a fault hid it from the caller; absent if the operation did not run. */
  code?: string;
  fault?: FaultKind;
}

export interface CallLog {
  append(call: ApiCall): void;
  /** Oldest first. */
  list(): ApiCall[];
  clear(): void;
}

const MAX_CALLS = 10_000;

/** Creates an empty log. */
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
