/**
 * The built program with a PayPay that is not the sandbox: what it must not create, print or expose.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Program, startProgram, waitFor, waitForHealth } from '../support/program.ts';

const PAYPAY = { PAYPAY_BASE_URL: 'https://paypay.invalid', PAYPAY_API_KEY: 'k', PAYPAY_API_SECRET: 's' };

let database: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'mpac-pgw-real-'));
});
afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the gateway, runs `work` once it serves, and stops it. */
async function whileServing(
  command: string,
  more: Record<string, string>,
  work: (program: Program) => Promise<void>,
): Promise<void> {
  const port = await findFreePort();
  const program = startProgram(command.split(' '), {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    ...PAYPAY,
    ...more,
  });
  try {
    await waitForHealth(program, port);
    await work(program);
  } finally {
    await program.stop();
  }
}

describe('with a PayPay that is not the sandbox', () => {
  it.each(['start', 'serve --processes 1'])(
    '%s creates no demo merchant, prints no key and warns that NODE_ENV is not set',
    async (command) => {
      let output = '';
      await whileServing(command, {}, async (program) => {
        await expect.poll(() => program.output()).toContain('documentation');
        output = program.output();
      });
      expect(output).not.toMatch(/secret_key|ak_|sk_/);
      expect(output).toContain('NODE_ENV is not production although PAYPAY_BASE_URL is set');
      expect(await database.db('merchants')).toEqual([]);
      expect(await database.db('api_keys')).toEqual([]);
    },
  );
});

describe('a database of a sandbox for tests, whose keys everybody knows', () => {
  it('is refused where PayPay is not the sandbox, until its keys are revoked', async () => {
    const sandboxKeys = await createTestDatabase();
    const env = { DATABASE_URL: sandboxKeys.url, DATA_DIR: dataDir, PORT: '0', SANDBOX_PORT: '0' };
    const sandbox = startProgram(['sandbox', '--with-gateway', '--', 'true'], env);
    expect([await sandbox.ended, sandbox.output()]).toEqual([0, expect.stringContaining('Ready')]);
    const KEY = Buffer.alloc(32, 'mpac-pgw sandbox').toString('base64');
    const real = { ...env, ...PAYPAY, ENCRYPTION_KEY: KEY };
    for (const command of [['start'], ['work'], ['serve', '--processes', '1']]) {
      const refused = startProgram(command, real);
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toMatch(
        /^pgw: DATABASE_URL holds the public keys of a sandbox.*keys revoke ak_sandbox_merchant_001 and pgw keys revoke ak_sandbox_sync$/m,
      );
    }
    for (const key of ['ak_sandbox_merchant_001', 'ak_sandbox_sync']) {
      expect(await startProgram(['keys', 'revoke', key], real).ended).toBe(0);
    }
    const started = startProgram(['work'], real);
    await waitFor(started, () => started.output().includes('The workers are running'));
    expect(await started.stop()).toBe(0);
    await sandboxKeys.drop();
  });

  it('pgw demo makes no key of its own where PayPay is not the sandbox', async () => {
    const demo = startProgram(['demo'], { DATABASE_URL: database.url, DATA_DIR: dataDir, ...PAYPAY });
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toMatch(/^pgw: set PGW_API_KEY and PGW_SECRET_KEY/);
    expect(await database.db('api_keys')).toEqual([]);
  });
});

describe('the metrics', () => {
  const elsewhere = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  it('listen on loopback even when the gateway listens on every address', async () => {
    const metricsPort = await findFreePort();
    await whileServing('start', { HOST: '0.0.0.0', METRICS_PORT: String(metricsPort) }, async () => {
      const isOpenOn = (host: string) =>
        fetch(`http://${host}:${metricsPort}/metrics`).then(
          ({ ok }) => ok,
          () => false,
        );
      await expect.poll(() => isOpenOn('127.0.0.1')).toBe(true);
      if (elsewhere !== undefined) {
        expect(await isOpenOn(elsewhere)).toBe(false);
      }
    });
  });
});
