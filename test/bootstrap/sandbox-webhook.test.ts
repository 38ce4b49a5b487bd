/**
 * `mpac-pgw sandbox --with-gateway` with SANDBOX_WEBHOOK_URL: the built program, and a receiver that verifies.
 */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, verifyWebhook } from '../../src/client/index.ts';
import { eventually } from '../support/eventually.ts';
import { type Program, startProgram, waitFor } from '../support/program.ts';

const START_TIMEOUT_MS = 240_000;

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'mpac-pgw-tests-'));
  // PostgreSQL may run as another user than the one that runs the tests.
  await chmod(temporary, 0o755);
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

function start(webhookUrl: string): Program {
  const env = { PORT: '0', SANDBOX_PORT: '0', TMPDIR: temporary, DATA_DIR: join(temporary, 'data') };
  return startProgram(['sandbox', '--with-gateway'], { ...env, SANDBOX_WEBHOOK_URL: webhookUrl });
}

const variable = (program: Program, name: string) =>
  new RegExp(`^${name} +(\\S+)$`, 'm').exec(program.output())?.[1] ?? '';

describe('SANDBOX_WEBHOOK_URL', () => {
  it('gives the demo merchant an endpoint whose printed secret verifies, and stays over restarts', {
    timeout: START_TIMEOUT_MS,
  }, async () => {
    let secret = '';
    const types: string[] = [];
    const receiver = createServer(async (request, response) => {
      const event = await verifyWebhook(await buffer(request), request.headers, secret);
      types.push(event.type);
      response.writeHead(204).end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks`;
    let program = start(url);
    try {
      await waitFor(program, () => program.output().includes('Ready'));
      secret = variable(program, 'PGW_WEBHOOK_SECRET');
      const { api } = createClient({
        baseUrl: variable(program, 'PGW_BASE_URL'),
        credentials: {
          apiKey: variable(program, 'PGW_API_KEY'),
          secretKey: variable(program, 'PGW_SECRET_KEY'),
        },
      });
      const { data: endpoints = [] } = await api.GET('/v1/webhook_endpoints');
      expect(endpoints).toMatchObject([{ url, status: 'enabled' }]);
      const params = { path: { id: endpoints[0]?.id ?? '' } };
      const { data: ping } = await api.POST('/v1/webhook_endpoints/{id}/ping', { params });
      expect(ping).toMatchObject({ delivered: true, status: 204 });
      expect(types).toContain('ping');
      await api.POST('/v1/payment_intents', {
        params: { header: { 'Idempotency-Key': 'sandbox-webhook' } },
        body: { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'order_1' },
      });
      const page = `${variable(program, 'PGW_SANDBOX_URL')}/deliveries`;
      await waitFor(program, () => types.includes('payment_intent.created'));
      await eventually(async () => {
        expect(await (await fetch(page)).text()).toMatch(/payment_intent\.created(.|\n)*HTTP 204/);
      });
      await program.stop();
      program = start(url);
      await waitFor(program, () => program.output().includes('Ready'));
      expect(variable(program, 'PGW_WEBHOOK_SECRET')).toBe(secret);
    } finally {
      await program.stop();
      receiver.closeAllConnections();
      receiver.close();
    }
  });

  it('is refused in one line if it cannot be an endpoint', { timeout: START_TIMEOUT_MS }, async () => {
    const program = start('http://user:pass@127.0.0.1:3000/webhooks');
    expect(await program.ended).toBe(1);
    expect(program.output()).toMatch(/pgw: SANDBOX_WEBHOOK_URL /);
  });
});
