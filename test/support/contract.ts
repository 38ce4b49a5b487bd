/**
 * Validates responses against the contract: status, media type, headers and body of every response in the tests must be
 * declared.
 */
import { readFileSync } from 'node:fs';
import type { Document } from 'openapi-backend';
import { parse } from 'yaml';
import { createResponseValidator } from '../../src/http/openapi/response-validator.ts';

export const contractText = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8');
export const contract = parse(contractText) as Document;

const responseValidator = await createResponseValidator(contract);

interface ResponseToValidate {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** @throws when a response of a described operation is not declared; any other response must be an error */
export function requireDeclared(method: string, path: string, response: ResponseToValidate): void {
  const headers = Object.fromEntries(response.headers);
  const faults = responseValidator.faultsOf(method, path, { ...response, headers });
  if (faults.length > 0) {
    throw new Error(`the contract is broken: ${faults.join('; ')}: ${JSON.stringify(response.body)}`);
  }
}
