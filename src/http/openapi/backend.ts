/**
 * openapi-backend, ready to route and to validate requests by the contract.
 */
import addFormats from 'ajv-formats';
import { type Document, OpenAPIBackend, type Operation } from 'openapi-backend';
import { isCurrency } from '../../lib/currencies.ts';
import { indexOperations, type OperationIndex } from './operation-index.ts';

export interface ContractBackend {
  readonly backend: OpenAPIBackend;
  readonly index: OperationIndex;
}

const TIME_ZONES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));

/**
 * @param contract is not modified: the backend works on a copy
 * @throws when the contract has operations whose security the gateway cannot check one scheme at a time
 */
export async function openBackend(
  contract: Document,
  securitySchemes: readonly string[],
): Promise<ContractBackend> {
  const backend = new OpenAPIBackend({
    definition: structuredClone(contract),
    strict: true,
    coerceTypes: true,
    ignoreTrailingSlashes: false,
    ajvOpts: { allErrors: true, useDefaults: true },
    customizeAjv: (ajv) => {
      addFormats.default(ajv);
      ajv.addFormat('iso-4217', isCurrency);
      ajv.addFormat('time-zone', isTimeZone);
      return ajv;
    },
  });
  await backend.init();
  const index = indexOperations(backend);
  requireSingleSchemes(backend.router.getOperations(), securitySchemes);
  return { backend, index };
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
