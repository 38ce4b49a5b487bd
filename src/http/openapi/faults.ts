/**
 * Finds the faults of a request at a bounded cost. The first validation stops at the first fault. All faults are collected
 * only for small bodies, because a body may have a hundred thousand, and Ajv creates an object and a message for each.
 */
import type { ErrorObject } from 'ajv';
import type { OpenAPIValidator } from 'openapi-backend';

/** Reporting more faults helps no developer and could make the response larger than the request. */
const MAX_FAULTS = 50;

/** Requests written by hand are smaller. For a larger body, such as a sync, only the first fault is reported. */
const EVERY_FAULT_BYTES = 16_384;

/** At most 50 faults of a request; none if it is valid. */
export function collectFaults(
  firstFault: OpenAPIValidator,
  everyFault: OpenAPIValidator | undefined,
  operationId: string,
  parts: unknown,
  bodyBytes = 0,
): ErrorObject[] {
  const found = faultsOf(firstFault, operationId, parts);
  return found.length === 0 || everyFault === undefined || bodyBytes > EVERY_FAULT_BYTES
    ? found
    : faultsOf(everyFault, operationId, parts);
}

function faultsOf(validator: OpenAPIValidator, operationId: string, parts: unknown): ErrorObject[] {
  const faults: ErrorObject[] = [];
  for (const validate of validator.getRequestValidatorsForOperation(operationId) ?? []) {
    if (validate(parts)) {
      continue;
    }
    // Not a spread, which would overflow the stack with a hundred thousand faults.
    for (const fault of validate.errors ?? []) {
      if (faults.length === MAX_FAULTS) {
        return faults;
      }
      faults.push(fault);
    }
  }
  return faults;
}
