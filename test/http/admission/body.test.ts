import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBodyBudget } from '../../../src/http/admission/body.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const NOW = () => Math.floor(Date.now() / 1000);

describe('a caller who is not known', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  /** The status of a request whose body is announced but never sent. */
  async function statusBeforeBody(path: string, bytes: number, authorization?: string): Promise<string> {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const header = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${header}Content-Length: ${bytes}\r\n\r\n{`);
    try {
      for await (const chunk of socket) {
        return String(chunk).slice(9, 12);
      }
      return 'closed';
    } finally {
      socket.destroy();
    }
  }

  it.each([
    ['without a header', '/v1/sync/merchants', undefined, '401'],
    ['with a header of another form', '/v1/sync/merchants', 'Bearer x', '401'],
    ['with an unknown key', '/v1/sync/merchants', `HMAC-SHA256 ak_x:${NOW()}:${'0'.repeat(64)}`, '401'],
    ['for an operation of the payer', '/v1/payment_intents/pi_1/confirm', undefined, '413'],
    ['for the payment page', '/pay/pi_1/confirm', undefined, '413'],
    ['for the webhooks of a provider', '/v1/webhooks/paypay', undefined, '413'],
    ['for an operation without a credential', '/v1/auth/explain', undefined, '413'],
    ['for a route that does not exist', '/v1/nowhere', undefined, '404'],
  ])('is answered before a body of more than 16 KB is read: %s', async (_, path, authorization, expected) => {
    expect(await statusBeforeBody(path, 16_385, authorization)).toBe(expected);
  });

  it('is answered before the body is read where the key lacks the scope, or its time is over', async () => {
    const { apiKey } = await gateway.newMerchant();
    const header = (seconds: number) => `HMAC-SHA256 ${apiKey}:${seconds}:${'0'.repeat(64)}`;
    expect(await statusBeforeBody('/v1/sync/merchants', 16_385, header(NOW()))).toBe('403');
    expect(await statusBeforeBody('/v1/payment_intents', 16_385, header(NOW() - 400))).toBe('401');
  });

  it('makes nothing parse his JSON: a wrong signature is refused before the body is looked at', async () => {
    const { apiKey } = await gateway.newMerchant();
    const { status, body } = await gateway.request('POST', '/v1/payment_intents', {
      as: { apiKey, secretKey: 'wrong' },
      body: 'not JSON',
    });
    expect([status, body.details.reason]).toEqual([401, 'signature_mismatch']);
  });
});

describe('larger bodies in memory', () => {
  it('are bounded for the process and for each API key, until their requests have ended', () => {
    const budget = createBodyBudget({ processBytes: 100, keyBytes: 60 });
    const release = budget.reserve('a', 60);
    expect(() => budget.reserve('a', 1)).toThrow('try again shortly');
    budget.reserve('b', 40);
    expect(() => budget.reserve('c', 1)).toThrow('try again shortly');
    release();
    budget.reserve('c', 60);
    expect(() => budget.reserve('a', 1)).toThrow('try again shortly');
  });
});
