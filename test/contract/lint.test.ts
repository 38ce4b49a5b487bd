/**
 * The lint rules of the contract work: an incompletely described operation, body, property or parameter is an error.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document } from 'openapi-backend';
import { afterAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { contract } from '../support/contract.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One fault for each rule of the project, as the place to remove. */
const FAULTS = [
  ['paths', '/v1/payment_intents', 'get', 'description'],
  ['paths', '/v1/sync/merchants', 'post', 'security'],
  ['paths', '/health', 'get', 'responses', '200', 'content', 'application/json', 'examples'],
  ['paths', '/ready', 'get', 'responses', '417'],
  ['components', 'schemas', 'PaymentIntent', 'properties', 'succeeded_at', 'description'],
  ['components', 'parameters', 'PaymentIntentId', 'description'],
  ['components', 'headers', 'RetryAfter', 'example'],
];

interface Tree {
  [name: string]: Tree;
}

function spoil(document: Document): Tree {
  const spoilt = structuredClone(document) as unknown as Tree;
  for (const path of FAULTS) {
    const parent = path.slice(0, -1).reduce((tree, name) => tree[name] ?? {}, spoilt);
    const [name = ''] = path.slice(-1);
    if (!(name in parent)) {
      throw new Error(`there is no ${path.join('.')}`);
    }
    delete parent[name];
  }
  return spoilt;
}

it('the lint refuses an incompletely described operation, body, property or parameter, and a missing refusal', () => {
  const path = join(folder, 'openapi.yaml');
  writeFileSync(path, stringify(spoil(contract)));
  writeFileSync(join(folder, '.redocly.yaml'), readFileSync(join(ROOT, '.redocly.yaml')));
  const { stdout, stderr, status } = spawnSync(
    'node',
    [
      join(ROOT, 'node_modules/@redocly/cli/bin/cli.js'),
      'lint',
      '--config',
      join(folder, '.redocly.yaml'),
      '--format',
      'json',
      path,
    ],
    { encoding: 'utf8' },
  );
  const rules = new Set([...`${stdout}${stderr}`.matchAll(/"ruleId": "([^"]+)"/g)].map(([, rule]) => rule));
  expect([...rules].sort()).toEqual(
    expect.arrayContaining([
      'operation-description',
      'rule/body-has-examples',
      'rule/header-has-example',
      'rule/operation-has-http-refusals',
      'rule/operation-is-complete',
      'rule/parameter-is-described',
      'rule/schema-is-described',
    ]),
  );
  expect(status).not.toBe(0);
});
