import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestGateway,
  type TestGateway,
  type TestMerchant,
  type TestResponse,
} from '../support/gateway.ts';

const INTENTS = '/v1/payment_intents';
const UNKNOWN_IDS = ['pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'nonsense', 'pi_%00', '%F0%9F%92%A9'];

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

/** A request with a payment_token in its query or, for a confirm or cancel, in its body. */
const OPERATIONS: readonly [string, (id: string, token: string) => Promise<TestResponse>][] = [
  ['retrieve', byQuery('GET', `${INTENTS}/{id}`)],
  ['confirm', byBody(`${INTENTS}/{id}/confirm`, { payment_method_type: 'qr_mpm', provider: 'PAYPAY' })],
  ['cancel', byBody(`${INTENTS}/{id}/cancel`, {})],
  ['qr.svg', byQuery('GET', `${INTENTS}/{id}/qr.svg`)],
  ['qr.png', byQuery('GET', `${INTENTS}/{id}/qr.png`)],
  ['events', byQuery('GET', `${INTENTS}/{id}/events`)],
  ['the payment page', byQuery('GET', '/pay/{id}')],
  ['a confirm on the payment page', byQuery('POST', '/pay/{id}/confirm')],
];

function byQuery(method: string, path: string) {
  return (id: string, token: string) =>
    gateway.request(method, `${path.replace('{id}', id)}?payment_token=${token}`);
}

function byBody(path: string, fields: object) {
  return (id: string, token: string) =>
    gateway.request('POST', path.replace('{id}', id), { body: { ...fields, payment_token: token } });
}

/** Everything that a stranger can see, except the request id and times. */
function visible({ status, headers, bytes }: TestResponse): unknown {
  const {
    'x-request-id': _id,
    'x-ratelimit-reset': _reset,
    date: _date,
    ...rest
  } = Object.fromEntries(headers);
  return { status, headers: rest, body: bytes.toString() };
}

describe('a payment_token', () => {
  it.each(OPERATIONS)('%s: does not reveal whether an id exists', async (_, call) => {
    const intent = await gateway.newIntent(merchant);
    const other = await gateway.newIntent(await gateway.newMerchant());
    const wrong = await call(intent.id, 'wrong');
    expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_token']);
    for (const id of [intent.id, ...UNKNOWN_IDS]) {
      expect(visible(await call(id, other.token)), id).toEqual(visible(wrong));
    }
  });

  it('an id that does not exist remains 404 for the signature of a merchant', async () => {
    for (const id of UNKNOWN_IDS) {
      const { status, body } = await gateway.request('GET', `${INTENTS}/${id}`, { as: merchant });
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
  });

  it('of a confirm or cancel may be in the query or in the body; the one in the body is used', async () => {
    for (const [operation, fields] of [
      ['confirm', { payment_method_type: 'qr_mpm', provider: 'PAYPAY' }],
      ['cancel', {}],
    ] as const) {
      const { id, token } = await gateway.newIntent(merchant);
      const path = `${INTENTS}/${id}/${operation}`;
      const call = (query: string, body: object) => gateway.request('POST', `${path}${query}`, { body });
      const wrong = await call(`?payment_token=${token}`, { ...fields, payment_token: 'wrong' });
      expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_token']);
      expect((await call(`?payment_token=${token}`, fields)).status).toBe(200);
      expect((await call('', { ...fields, payment_token: token })).status).toBe(200);
      expect((await call('?payment_token=wrong', { ...fields, payment_token: token })).status).toBe(200);
    }
  });
});
