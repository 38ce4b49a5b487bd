/**
 * The faults of a request, at a bounded cost. The first pass stops at the first fault. All faults are looked for only where
 * that is cheap: a body may hold a hundred thousand, and Ajv makes an object and a text for each before anybody counts them.
 */
import type { ErrorObject } from 'ajv';
import type { OpenAPIValidator } from 'openapi-backend';

/** Reporting more faults helps no developer and could make the response larger than the request. */
const MAX_FAULTS = 50;

/** More than a request that a person wrote. Of a larger one, such as a sync, the first fault is reported. */
const EVERY_FAULT_BYTES = 16_384;

/** At most 50 faults of the parts of a request; none for a valid one. */
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
    // A spread would overflow the stack on a hundred thousand.
    for (const fault of validate.errors ?? []) {
      if (faults.length === MAX_FAULTS) {
        return faults;
      }
      faults.push(fault);
    }
  }
  return faults;
}
