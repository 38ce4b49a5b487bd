/**
 * Validates responses by the contract: status, media type, headers and body must be declared. The tests validate every
 * response, the running server a sample.
 */
import type { ErrorObject } from 'ajv';
import type { Document, OpenAPIBackend, Operation } from 'openapi-backend';
import { openLazyBackend } from './lazy-backend.ts';
import { indexOperations } from './operation-index.ts';

export interface ResponseToValidate {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The parsed JSON, or the text of anything else. */
  readonly body: unknown;
}

export interface ResponseValidator {
  /** The deviations, one sentence each, without values of the response; empty for a valid response. */
  faultsOf(method: string, path: string, response: ResponseToValidate): string[];
}

/** The parts of a response object of the contract that are validated here. */
interface Declared {
  readonly headers?: Readonly<
    Record<string, { readonly required?: boolean; readonly schema?: { readonly type?: string } }>
  >;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** @param contract is not modified: the validator works on a copy */
export async function createResponseValidator(contract: Document): Promise<ResponseValidator> {
  const backend = await openLazyBackend({
    contract: structuredClone(contract),
    ajv: { allErrors: true },
    formats: { 'iso-4217': () => true, 'time-zone': () => true },
  });
  indexOperations(backend);
  return {
    faultsOf(method, path, response) {
      const operation = backend.router.matchOperation({ method, path, headers: {} });
      return operation?.operationId
        ? faultsOfDescribed(backend, operation, operation.operationId, response)
        : faultsOfUndescribed(method, path, response);
    },
  };
}

/** A request that the contract does not describe can only be refused, in the error form or by a page for browsers. */
function faultsOfUndescribed(
  method: string,
  path: string,
  { status, headers, body }: ResponseToValidate,
): string[] {
  const isError = typeof (body as { code?: unknown } | undefined)?.code === 'string';
  const isErrorPage = status >= 400 && headers['content-type']?.startsWith('text/html') === true;
  return isError || isErrorPage
    ? []
    : [`${method} ${path} is not in the contract and answered ${status} without an error body`];
}

function faultsOfDescribed(
  backend: OpenAPIBackend,
  operation: Operation,
  id: string,
  response: ResponseToValidate,
): string[] {
  const { status, headers, body } = response;
  const declared = (operation.responses as Record<string, Declared> | undefined)?.[String(status)];
  if (!declared) {
    return [`${id} answered ${status}, which the contract does not declare`];
  }
  const type = headers['content-type']?.split(';')[0] ?? 'none';
  const isJson = type === 'application/json';
  const faults = [...headerFaults(declared, headers)];
  if (declared.content === undefined && type === 'none') {
    return faults.map((fault) => `${id} ${status}: ${fault}`);
  }
  if (!(type in (declared.content ?? {}))) {
    faults.push(`answered ${type}, which is not declared`);
  } else if (isJson) {
    faults.push(...(backend.validateResponse(body, id, status).errors ?? []).map(describe));
  }
  return faults.map((fault) => `${id} ${status}: ${fault}`);
}

function headerFaults(
  { headers: declared = {} }: Declared,
  headers: ResponseToValidate['headers'],
): string[] {
  return Object.entries(declared).flatMap(([name, { required, schema }]) => {
    const value = headers[name.toLowerCase()];
    if (value === undefined) {
      return required ? [`header ${name} is missing`] : [];
    }
    return schema?.type === 'integer' && !/^\d+$/.test(value) ? [`header ${name} is no whole number`] : [];
  });
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const named: unknown = params['additionalProperty'] ?? params['missingProperty'];
  return `body${instancePath} ${message}${typeof named === 'string' ? ` (${named})` : ''}`;
}
