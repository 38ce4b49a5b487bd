/**
 * The contract's examples of refusals, provoked: each documented error occurs, with exactly the documented body. A new
 * example needs its provocation here.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/http/server.ts';
import { contract } from '../support/contract.ts';
import { openEvents } from '../support/events.ts';
import {
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
  type TestResponse,
} from '../support/gateway.ts';
import { newLimitedKey } from '../support/keys.ts';
import { parseResponse, sendBytes } from '../support/raw-http.ts';
import { newCashIntent, requestRefund } from '../support/refunds.ts';
import { DELIVERIES, ENDPOINTS } from '../support/webhooks.ts';

const PATH = '/v1/payment_intents';
const INPUT = { amount: 1, currency: 'JPY', payment_method_types: ['cash'], merchant_ref_id: 'r' };

interface Provocation {
  /** Needs a gateway of its own, because of these options, or because it breaks it. */
  readonly own?: TestGatewayOptions;
  provoke(gateway: TestGateway): Promise<TestResponse>;
}

/** A create by a new merchant. */
async function create(
  gateway: TestGateway,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<TestResponse> {
  return gateway.request('POST', PATH, { as: await gateway.newMerchant(), body, headers });
}

/** A confirm while PayPay responds like this. */
async function confirmAgainst(
  gateway: TestGateway,
  kind: 'hang' | 'maintenance',
  timing: 'before' | 'after',
): Promise<TestResponse> {
  const intent = await gateway.newIntent(await gateway.newMerchant());
  gateway.sandbox.faults.add({ operation: 'any', kind, when: timing, times: 10 });
  return gateway.confirm(intent);
}

/** Sends only this beginning of a request to a server with a short timeout for the rest. */
async function sendToImpatient({ app }: TestGateway, headers: string): Promise<TestResponse> {
  const server = await listen(app, 0, '127.0.0.1', { headersMs: 60, requestMs: 60, checkMs: 10 });
  const text = await sendBytes(server.port, `GET ${PATH} HTTP/1.1\r\nHost: a\r\n${headers}`);
  await server.close();
  return parseResponse(text);
}

const PROVOCATIONS: Readonly<Record<string, Provocation>> = {
  'InvalidRequest minValue': { provoke: (gateway) => create(gateway, { ...INPUT, amount: 0 }) },
  'InvalidRequest unexpectedState': {
    async provoke(gateway) {
      const merchant = await gateway.newMerchant();
      const { id } = await gateway.newIntent(merchant, { payment_method_types: ['cash'] });
      await gateway.request('POST', `${PATH}/${id}/capture`, { as: merchant, body: {} });
      return gateway.request('POST', `${PATH}/${id}/cancel`, { as: merchant, body: {} });
    },
  },
  'InvalidRequest unsupportedMethod': {
    async provoke(gateway) {
      const { id, token } = await gateway.newIntent(await gateway.newMerchant(), {
        payment_method_types: ['qr_mpm', 'cash'],
      });
      const body = { payment_token: token, payment_method_type: 'cash', provider: 'PAYPAY' };
      return gateway.request('POST', `${PATH}/${id}/confirm`, { body });
    },
  },
  'Unauthorized unauthorized': { provoke: (gateway) => gateway.request('GET', PATH) },
  'Unauthorized invalidToken': {
    async provoke(gateway) {
      const { id } = await gateway.newIntent(await gateway.newMerchant());
      return gateway.retrieve({ id, token: `${id}_secret_of_another` });
    },
  },
  'Unauthorized addressNotAllowed': {
    async provoke(gateway) {
      const merchant = await gateway.newMerchant();
      const as = await newLimitedKey(gateway, merchant, { allowedIps: ['203.0.113.7'] });
      return gateway.request('GET', PATH, { as });
    },
  },
  'Unauthorized keyExpired': {
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      const expiresAt = new Date('2026-03-31T15:00:00Z');
      await gateway.database.db('api_keys').where({ api_key: as.apiKey }).update({ expires_at: expiresAt });
      return gateway.request('GET', PATH, { as });
    },
  },
  'Forbidden maxRefundAmount': {
    async provoke(gateway) {
      const merchant = await gateway.newMerchant();
      const as = await newLimitedKey(gateway, merchant, { maxRefundAmount: 5_000 });
      const intent = await newCashIntent(gateway, merchant, { amount: 8_000 });
      return requestRefund(gateway, as, intent);
    },
  },
  'Forbidden scope': {
    async provoke(gateway) {
      return gateway.request('POST', '/v1/sync/merchants', {
        as: await gateway.newMerchant(),
        body: { merchants: [] },
      });
    },
  },
  'Forbidden otherUpstream': {
    async provoke(gateway) {
      const body = { merchants: [{ id: 'merchant_001', name: 'M' }] };
      await gateway.request('POST', '/v1/sync/merchants', { as: await gateway.newSyncKey(), body });
      return gateway.request('POST', '/v1/sync/merchants', { as: await gateway.newSyncKey('another'), body });
    },
  },
  'NotFound intent': {
    async provoke(gateway) {
      return gateway.request('GET', `${PATH}/pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q`, {
        as: await gateway.newMerchant(),
      });
    },
  },
  'NotFound webhookEndpoint': {
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      return gateway.request('GET', `${ENDPOINTS}/we_01JHMB5V00ZX8Y7W6V5T4S3R2Q`, { as });
    },
  },
  'NotFound webhookDelivery': {
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      return gateway.request('GET', `${DELIVERIES}/wd_01JHMB5V00ZX8Y7W6V5T4S3R2Q`, { as });
    },
  },
  'NotFound event': {
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      return gateway.request('GET', '/v1/events/evt_01JHMB8C40M7R5T9V1X3Z5B7D9', { as });
    },
  },
  'CursorExpired removed': {
    own: {},
    async provoke(gateway) {
      const { db } = gateway.deps;
      await db.raw(
        "update event_sequencer set epoch = '5d2a91c04be7', position = 1042, removed_position = 980",
      );
      const as = await gateway.newMerchant();
      return gateway.request('GET', '/v1/events?after=5d2a91c04be7-979', { as });
    },
  },
  'IdempotencyConflict otherBody': {
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      const headers = { 'Idempotency-Key': 'k' };
      await gateway.request('POST', PATH, { as, headers, body: INPUT });
      return gateway.request('POST', PATH, { as, headers, body: { ...INPUT, amount: 2 } });
    },
  },
  'IdempotencyConflict inFlight': {
    async provoke(gateway) {
      const intent = await gateway.newIntent(await gateway.newMerchant());
      const hold = gateway.sandbox.faults.hold('createCode', 'before');
      const first = gateway.confirm(intent, { 'Idempotency-Key': 'k' });
      await hold.reached;
      const second = await gateway.confirm(intent, { 'Idempotency-Key': 'k' });
      hold.release();
      await first;
      return second;
    },
  },
  'RequestTimeout slow': { provoke: (gateway) => sendToImpatient(gateway, 'Cookie: ') },
  'ExpectationFailed expect': {
    provoke: (gateway) => sendToImpatient(gateway, 'Expect: a miracle\r\n\r\n'),
  },
  'HeadersTooLarge headers': {
    provoke: (gateway) => sendToImpatient(gateway, `Cookie: ${'x'.repeat(20_000)}\r\n\r\n`),
  },
  'PayloadTooLarge tooLarge': { provoke: (gateway) => create(gateway, 'x'.repeat(1_048_577)) },
  'UnsupportedMediaType notJson': {
    provoke: (gateway) => create(gateway, '{}', { 'Content-Type': 'text/plain' }),
  },
  'RateLimitExceeded merchant': {
    own: { limits: { global: 0, merchant: 1 } },
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      await gateway.request('GET', PATH, { as });
      return gateway.request('GET', PATH, { as });
    },
  },
  'RateLimitExceeded paymentIntent': {
    own: { limits: { global: 0, merchant: 1_000 } },
    async provoke(gateway) {
      const intent = await gateway.newIntent(await gateway.newMerchant());
      for (let index = 0; index < 120; index += 1) {
        await gateway.retrieve(intent);
      }
      return gateway.retrieve(intent);
    },
  },
  'RateLimitExceeded streams': {
    own: {},
    async provoke(gateway) {
      const { id, token } = await gateway.newIntent(await gateway.newMerchant());
      const path = `${PATH}/${id}/events?payment_token=${token}`;
      await Promise.all(Array.from({ length: 8 }, () => openEvents(`${gateway.url}${path}`)));
      return gateway.request('GET', path);
    },
  },
  'InternalError internal': {
    own: {},
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      await gateway.database.db.raw('alter table payment_intents rename column amount to surprise');
      return gateway.request('GET', PATH, { as });
    },
  },
  'ProviderError unknown': {
    own: { timeoutsMs: { post: 200, other: 200 } },
    provoke: (gateway) => confirmAgainst(gateway, 'hang', 'after'),
  },
  'ServiceUnavailable provider': {
    provoke: (gateway) => confirmAgainst(gateway, 'maintenance', 'before'),
  },
  'ServiceUnavailable service': {
    own: {},
    async provoke(gateway) {
      const as = await gateway.newMerchant();
      await gateway.database.db.destroy();
      return gateway.request('GET', PATH, { as });
    },
  },
};

const responses = contract.components?.responses as unknown as Record<
  string,
  { content: { 'application/json': { examples: Record<string, { value: unknown }> } } }
>;
const examples = Object.entries(responses).flatMap(([response, { content }]) =>
  Object.entries(content['application/json'].examples).map(
    ([name, { value }]) => [`${response} ${name}`, value] as const,
  ),
);

/** Seconds in messages, and limits, differ between gateways. */
function withoutFigures(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/in \d+ seconds?/g, 'in N seconds')
      .replaceAll(/"limit":\d+/g, '"limit":"N"'),
  );
}

let shared: TestGateway;
beforeAll(async () => {
  shared = await startTestGateway();
});
afterEach(() => shared.sandbox.faults.clear());
afterAll(() => shared.close());

async function answerTo({ own, provoke }: Provocation): Promise<TestResponse> {
  if (!own) {
    return provoke(shared);
  }
  const gateway = await startTestGateway(own);
  try {
    return await provoke(gateway);
  } finally {
    await gateway.close();
  }
}

describe('the examples of refusals', () => {
  it.each(examples)('%s: occurs exactly as documented', async (name, documented) => {
    // A page has the same errors; only their media type is for browsers.
    const provocation = PROVOCATIONS[name.replace(/^Page/, '')];
    if (!provocation) {
      throw new Error(`the example ${name} has no provocation`);
    }
    const { body } = await answerTo(provocation);
    expect(withoutFigures(body)).toEqual(withoutFigures(documented));
  });
});
