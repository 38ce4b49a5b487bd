/**
 * openapi-backend, ready to route and to validate requests by the contract.
 */
import type { Document, OpenAPIBackend, Operation } from 'openapi-backend';
import { isCurrency } from '../../lib/currencies.ts';
import { parseDateTime } from '../../lib/date-time.ts';
import { createLazyValidator, openLazyBackend } from './lazy-backend.ts';
import { indexOperations, type OperationIndex } from './operation-index.ts';

export interface ContractBackend {
  readonly backend: OpenAPIBackend;
  readonly index: OperationIndex;
}

const TIME_ZONES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));

const REQUESTS = {
  formats: { 'iso-4217': isCurrency, 'time-zone': isTimeZone, 'date-time': isDateTime },
  coerceTypes: true,
} as const;

/**
 * @param contract is not modified: the backend works on a copy
 * @throws when the contract has operations whose security the gateway cannot check one scheme at a time
 */
export async function openBackend(
  contract: Document,
  securitySchemes: readonly string[],
): Promise<ContractBackend> {
  const backend = await openLazyBackend({
    ...REQUESTS,
    contract: structuredClone(contract),
    ajv: { useDefaults: true },
  });
  const everyFault = createLazyValidator(backend, { ...REQUESTS, ajv: { allErrors: true } });
  const index = indexOperations(backend, everyFault);
  const operations = backend.router.getOperations();
  requireSingleSchemes(operations, securitySchemes);
  // Compiled now, so that the first request of an operation does not wait for it.
  for (const { operationId = '' } of operations) {
    backend.validator.getRequestValidatorsForOperation(operationId);
  }
  return { backend, index };
}

/** The handlers read these texts with the same parser. */
function isDateTime(text: string): boolean {
  return parseDateTime(text) !== undefined;
}

/** Whether times can be shown in the zone with this IANA name. */
function isTimeZone(name: string): boolean {
  // A sync may hold a hundred thousand names. Only other spellings and old names need the slower check.
  if (TIME_ZONES.has(name)) {
    return true;
  }
  try {
    return /^[A-Za-z]/.test(name) && Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** A request that satisfies one scheme is let in, so a contract that requires two schemes together must not start. */
function requireSingleSchemes(operations: readonly Operation[], known: readonly string[]): void {
  for (const { operationId, security = [] } of operations) {
    for (const requirement of security) {
      const [scheme = '', ...more] = Object.keys(requirement);
      if (more.length > 0 || !known.includes(scheme)) {
        throw new Error(`${operationId}: security must name one known scheme at a time`);
      }
    }
  }
}
