import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { OperationId } from '../../src/http/openapi/contract.ts';
import { OPERATIONS } from '../../src/http/operations.ts';

interface Operation {
  readonly operationId: OperationId;
  readonly security: readonly Record<string, unknown>[];
  readonly method: string;
  readonly path: string;
}

const contract = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')) as {
  readonly paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'>>>;
};
const operations: Operation[] = Object.entries(contract.paths).flatMap(([path, ofPath]) =>
  Object.entries(ofPath)
    .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
    .map(([method, operation]) => ({ ...operation, method, path })),
);
const accepts = ({ security }: Operation, scheme: string) => security.some((one) => scheme in one);

describe('the table of operations agrees with the contract', () => {
  it('has a row for each operation and no others', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
  });

  it.each(operations)('$operationId: an API key needs a scope exactly where one is accepted', (operation) => {
    expect(OPERATIONS[operation.operationId].scope !== 'none').toBe(accepts(operation, 'hmac'));
  });

  it.each(operations)('$operationId: browsers call what the API opens by payment_token', (operation) => {
    const isForPayers = operation.path.startsWith('/v1/') && accepts(operation, 'paymentToken');
    expect(OPERATIONS[operation.operationId].browsers).toBe(isForPayers ? 'any_origin' : 'none');
  });

  it.each(operations)('$operationId: pages, and only pages, show errors as pages', (operation) => {
    const isPage = operation.path.startsWith('/pay/');
    expect(OPERATIONS[operation.operationId].errors).toBe(isPage ? 'page' : 'json');
  });

  it.each(operations)(
    '$operationId: only messages of providers and health probes are not validated',
    (operation) => {
      const isUnvalidated =
        accepts(operation, 'payPayWebhook') || ['/health', '/ready'].includes(operation.path);
      expect(OPERATIONS[operation.operationId].validation).toBe(isUnvalidated ? 'none' : 'contract');
    },
  );
});
