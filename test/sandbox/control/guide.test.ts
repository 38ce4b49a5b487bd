/** The guide to tests in CI, which documents the control interface: what it names exists, with the defaults it says. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_BEHAVIOUR } from '../../../src/sandbox/core/options.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { control } from '../support/paypay-client.ts';

const guide = await readFile('src/web/docs/guides/testing-in-ci.md', 'utf8');
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ credentials: [] });
});
afterAll(() => sandbox.close());

test('every request in the table of refunds is one of the control interface', async () => {
  const rows = [...guide.matchAll(/^\| `(GET|POST) (\/\S+)` \|/gm)];
  expect(rows).toHaveLength(8);
  for (const [, method = '', path = ''] of rows) {
    const { status, json } = await control(sandbox.url, method, path, method === 'POST' ? {} : undefined);
    // A route that does not exist gets PayPay's envelope.
    expect([path, status, json['resultInfo']]).toEqual([path, expect.any(Number), undefined]);
    expect([200, 400]).toContain(status);
  }
});

test('every switch in the table of switches exists and has the default that the table says', async () => {
  const rows = [...guide.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)];
  const { behaviour } = (await control(sandbox.url, 'GET', '/behaviour')).json;
  expect(rows.length).toBeGreaterThanOrEqual(8);
  for (const [, name = '', value] of rows) {
    expect([name, String((behaviour as Record<string, unknown>)[name])]).toEqual([name, value]);
  }
});

test('every switch about refunds is in the table', () => {
  const names = Object.keys(DEFAULT_BEHAVIOUR).filter((name) => /refund/i.test(name));
  for (const name of names.filter((each) => each !== 'refundHttpStatus')) {
    const wireName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    expect(guide).toContain(`| \`${wireName}\` |`);
  }
});
