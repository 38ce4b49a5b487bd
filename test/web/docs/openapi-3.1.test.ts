/**
 * The contract as OpenAPI 3.1: valid, the same as the contract, and with a webhook for each type of event.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { MERCHANT_EVENT_TYPES } from '../../../src/domain/merchant-events.ts';
import { toOpenApi31 } from '../../../src/web/docs/openapi-3.1.ts';
import type { Contract } from '../../../src/web/docs/reference/contract-tree.ts';
import { contractText } from '../../support/contract.ts';

const LINT = fileURLToPath(new URL('../../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));
const LINT_TIMEOUT_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-openapi-'));
afterAll(() => rmSync(folder, { recursive: true }));

const document = toOpenApi31(parse(contractText) as Contract);
interface Tree {
  [name: string]: Tree;
}
const tree = document as unknown as Tree;

describe('the contract as OpenAPI 3.1', () => {
  it('is valid', { timeout: LINT_TIMEOUT_MS }, () => {
    const path = join(folder, 'openapi-3.1.yaml');
    writeFileSync(path, JSON.stringify(document));
    const { stdout, status } = spawnSync('node', [LINT, 'lint', '--extends', 'spec', path], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).not.toMatch(/\[\d+\]/);
    expect(status).toBe(0);
  });

  it('has a webhook for each type of event, whose body is an Event', () => {
    expect(Object.keys(tree['webhooks'] ?? {})).toEqual([...MERCHANT_EVENT_TYPES]);
    const ids = new Set();
    for (const webhook of Object.values(tree['webhooks'] ?? {})) {
      const { operationId, requestBody } = webhook['post'] ?? {};
      ids.add(operationId);
      expect(requestBody?.['content']?.['application/json']?.['schema']).toEqual({
        $ref: '#/components/schemas/Event',
      });
    }
    expect(ids.size).toBe(MERCHANT_EVENT_TYPES.length);
  });

  it('differs from the contract only in what 3.1 writes differently', () => {
    const { openapi, webhooks: _, ...rest } = document;
    expect(openapi).toBe('3.1.0');
    const { openapi: __, ...original } = parse(contractText) as Record<string, unknown>;
    const asIn31 = JSON.stringify(original).replaceAll(
      /"type":"(\w+)","nullable":true/g,
      '"type":["$1","null"]',
    );
    expect(asIn31).not.toContain('"nullable"');
    expect(rest).toEqual(JSON.parse(asIn31));
  });

  it('writes what can be null as 3.1 does, and leaves examples alone', () => {
    const schema = { type: 'string', nullable: true, enum: ['a'], example: { nullable: true } };
    const contract = parse(contractText);
    contract.components.schemas.Extra = schema;
    const converted = toOpenApi31(contract) as unknown as Tree;
    expect(converted['components']?.['schemas']?.['Extra']).toEqual({
      type: ['string', 'null'],
      enum: ['a', null],
      example: { nullable: true },
    });
  });
});
