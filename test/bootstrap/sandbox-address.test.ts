/** Where the sandbox of a start listens, and the address that it puts into QR codes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Disposers, openSandbox } from '../../src/bootstrap/runtime-resources.ts';
import { loadConfig } from '../../src/config.ts';
import { createCode } from '../sandbox/support/paypay-client.ts';
import { silentLog } from '../support/silent-log.ts';

let dataDir: string;
let disposers: Disposers;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-sandbox-'));
  disposers = [];
});
afterEach(async () => {
  await Promise.all(disposers.map((dispose) => dispose()));
  await rm(dataDir, { recursive: true });
});

async function open(env: Record<string, string>) {
  const keys = { PAYPAY_API_KEY: 'test_key', PAYPAY_API_SECRET: 'test_secret' };
  const config = loadConfig({ DATA_DIR: dataDir, SANDBOX_PORT: '0', ...keys, ...env });
  return openSandbox(config, silentLog, disposers);
}

it.each([
  ['this machine by default', {}, '127.0.0.1'],
  [
    'this machine where HOST is, whatever the public address',
    { PUBLIC_BASE_URL: 'http://10.0.0.5:80' },
    '127.0.0.1',
  ],
  ['the address in HOST', { HOST: '192.0.2.5' }, '192.0.2.5'],
  [
    'the host of PUBLIC_BASE_URL where HOST lets the network in',
    { HOST: '0.0.0.0', PUBLIC_BASE_URL: 'http://shop.local:8080' },
    'shop.local',
  ],
])('QR codes lead to %s', async (_, env, host) => {
  const sandbox = await open(env);
  const { url } = await createCode(sandbox.url, 'inv-1');
  expect(new URL(String(url)).host).toBe(`${host}:${sandbox.port}`);
});
