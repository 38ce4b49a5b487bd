import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { findBreakingChanges, hasGo } from '../../scripts/breaking-changes.ts';

/** The contract, of which a change may touch any part. */
// biome-ignore lint/suspicious/noExplicitAny: the changes reach into a tree of many forms
type Contract = any;
type Change = (contract: Contract) => void;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(join(ROOT, 'openapi.yaml'), 'utf8');
const contract = parse(text) as Contract;
const major = Number(contract.info.version.split('.')[0]);
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-breaking-'));
afterAll(() => rmSync(folder, { recursive: true }));

const isGoThere = hasGo();
const needsGo = isGoThere ? '' : ' (skipped: needs Go)';

const INTENTS = '/v1/payment_intents';

/** Writes the current contract, as if it were the released one, and a changed one. */
function filesOf(change: Change): [released: string, current: string] {
  const [before, after] = [join(folder, 'before.yaml'), join(folder, 'after.yaml')];
  const changed = structuredClone(contract);
  change(changed);
  if (JSON.stringify(changed) === JSON.stringify(contract)) {
    throw new Error('the change changes nothing');
  }
  writeFileSync(before, text);
  writeFileSync(after, stringify(changed));
  return [before, after];
}

const check = (change: Change) => findBreakingChanges(...filesOf(change));
const listOf = ({ paths }: Contract) => paths[INTENTS].get;
const parameterOf = (operation: Contract, name: string) =>
  operation.parameters.find((parameter: Contract) => parameter.name === name);
const withoutMethod: Change = ({ components }) => components.schemas.PaymentMethodType.enum.pop();

/** Gives a component another name, in its definition and in all references. */
function rename(tree: Contract, kind: string, from: string, to: string): void {
  const renamed = JSON.parse(
    JSON.stringify(tree).replaceAll(`"#/components/${kind}/${from}"`, `"#/components/${kind}/${to}"`),
  );
  renamed.components[kind][to] = renamed.components[kind][from];
  delete renamed.components[kind][from];
  Object.assign(tree, renamed);
}

const BREAKING: readonly [string, Change][] = [
  ['a removed payment method', withoutMethod],
  [
    'a field that is asked for',
    ({ components }) => components.schemas.ConfirmPaymentIntentRequest.required.push('payment_token'),
  ],
  [
    'a field that may be missing from a response',
    ({ components }) => components.schemas.ConfirmedPaymentIntent.required.shift(),
  ],
  [
    'a removed optional field of a response',
    ({ components }) => delete components.schemas.PaymentIntent.properties.cancelled_at,
  ],
  [
    'a removed optional field of a request',
    ({ components }) => delete components.schemas.CreatePaymentIntentRequest.properties.description,
  ],
  [
    'a tightened pattern',
    ({ components }) => {
      components.schemas.MerchantRefId.pattern = '^[a-z]+$';
    },
  ],
  [
    'a tightened length',
    ({ components }) => {
      components.schemas.StoreId.maxLength = 32;
    },
  ],
  [
    'a removed query parameter',
    (tree) => {
      const list = listOf(tree);
      list.parameters = list.parameters.filter(({ name }: Contract) => name !== 'starting_after');
    },
  ],
  [
    'a renamed operationId',
    (tree) => {
      listOf(tree).operationId = 'searchPaymentIntents';
    },
  ],
  ['a removed status', ({ paths }) => delete paths[`${INTENTS}/{id}`].get.responses['403']],
  [
    'a removed required header of a response',
    ({ paths }) => delete paths[INTENTS].post.responses['201'].headers['X-Request-Id'],
  ],
  [
    'a removed optional header of a response',
    ({ paths }) => delete paths[INTENTS].post.responses['201'].headers['Idempotent-Replayed'],
  ],
  [
    'a changed default of a parameter',
    (tree) => {
      parameterOf(listOf(tree), 'limit').schema.default = 50;
    },
  ],
  [
    'a changed default of a field',
    ({ components }) => {
      components.schemas.CreatePaymentIntentRequest.properties.expires_in_minutes.default = 60;
    },
  ],
  ['a renamed schema', (tree) => rename(tree, 'schemas', 'PaymentError', 'PaymentFailure')],
  ['a renamed parameter', (tree) => rename(tree, 'parameters', 'PaymentToken', 'Token')],
  ['a renamed response', (tree) => rename(tree, 'responses', 'NotFound', 'Missing')],
  [
    'a renamed tag',
    (tree) => {
      listOf(tree).tags = ['Payments'];
    },
  ],
  [
    'a security scheme that is gone',
    ({ paths }) => {
      paths[`${INTENTS}/{id}`].get.security = [{ hmac: [] }];
    },
  ],
];

const ADDITIONS: readonly [string, Change][] = [
  [
    'an optional field of a request',
    ({ components }) => {
      components.schemas.CreatePaymentIntentRequest.properties.note = { type: 'string' };
    },
  ],
  [
    'a field of a response',
    ({ components }) => {
      components.schemas.PaymentIntent.properties.note = { type: 'string' };
    },
  ],
  [
    'a larger maximum of a request',
    ({ components }) => {
      components.schemas.CreatePaymentIntentRequest.properties.expires_in_minutes.maximum = 2880;
    },
  ],
  [
    'an operation',
    ({ paths }) => {
      paths['/v1/more'] = { get: { ...paths['/health'].get, operationId: 'getMore' } };
    },
  ],
];

describe.skipIf(!isGoThere)(`the check for breaking changes${needsGo}`, () => {
  it.each(BREAKING)('refuses %s', (_, change) => {
    const { isAllowed, report } = check(change);
    expect(report).toContain('These changes break clients. Undo them');
    expect(isAllowed).toBe(false);
  });

  it.each(ADDITIONS)('accepts %s', (_, change) => {
    const { isAllowed, report } = check(change);
    expect(report).toBe('The contract has no breaking changes.');
    expect(isAllowed).toBe(true);
  });

  it('accepts breaking changes with a new major version', () => {
    const { isAllowed, report } = check((tree) => {
      withoutMethod(tree);
      tree.info.version = `${major + 1}.0.0`;
    });
    expect(report).toContain('has a new major number');
    expect(isAllowed).toBe(true);
  });

  const run = (...args: string[]) =>
    spawnSync('node', ['--import', 'tsx', join(ROOT, 'scripts/check-breaking.ts'), ...args], {
      encoding: 'utf8',
      cwd: ROOT,
    });

  it('fails as a command, with the changes', () => {
    const { status, stdout } = run(...filesOf(withoutMethod));
    expect([status, stdout]).toEqual([1, expect.stringContaining('These changes break clients. Undo them')]);
  });

  it('a release makes the contract the released one, unless it breaks clients', () => {
    const [before, broken] = filesOf(withoutMethod);
    expect(run('--release', before, broken).status).toBe(1);
    expect(readFileSync(before, 'utf8')).toBe(text);
    const [, added] = filesOf(({ components }) => {
      components.schemas.PaymentIntent.properties.note = { type: 'string' };
    });
    expect(run('--release', before, added).status).toBe(0);
    expect(readFileSync(before, 'utf8')).toBe(readFileSync(added, 'utf8'));
  });
});

describe('the released contract', () => {
  it('is that of the last release in the changelog', () => {
    const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
    const [, lastRelease] = /^## \[?(\d+\.\d+\.\d+)/m.exec(changelog) ?? [];
    const released = parse(readFileSync(join(ROOT, 'generated/openapi.released.yaml'), 'utf8')) as Contract;
    // Before the first release, there is only the version that it will have.
    expect(released.info.version).toBe(lastRelease ?? contract.info.version);
  });
});
