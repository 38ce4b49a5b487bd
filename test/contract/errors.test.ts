/**
 * The API reference's table of error codes.
 */
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { statusOf } from '../../src/http/errors.ts';
import { contract } from '../support/contract.ts';

const TABLE: readonly [number, ErrorCode][] = [
  [400, 'invalid_request'],
  [401, 'unauthorized'],
  [401, 'invalid_token'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [409, 'idempotency_conflict'],
  [429, 'rate_limit_exceeded'],
  [500, 'internal_error'],
];

describe('error codes', () => {
  it.each(TABLE)('%i is %s', (status, code) => {
    expect(statusOf(code)).toBe(status);
  });

  it('beyond the reference are few, and every one has a status', () => {
    const schemas = contract.components?.schemas as unknown as Record<string, { enum: ErrorCode[] }>;
    const codes = schemas['ErrorCode']?.enum ?? [];
    const more = codes.filter((code) => !TABLE.some(([, known]) => known === code));
    expect(Object.fromEntries(more.map((code) => [code, statusOf(code)]))).toEqual({
      method_not_allowed: 405,
      payload_too_large: 413,
      unsupported_media_type: 415,
      provider_error: 502,
      provider_unavailable: 503,
      service_unavailable: 503,
    });
  });
});
